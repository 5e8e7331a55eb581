# Misconception: split(" ") and split() are the same.
# Rejected by: test_spaces_are_no_words
counts: dict[str, int] = {}
for word in text.split(" "):
    counts[word] = counts.get(word, 0) + 1
return counts
