# Misconception: going through a text gives its words.
# Rejected by: test_words_are_counted, test_spaces_are_no_words
return {word: text.count(word) for word in text}
