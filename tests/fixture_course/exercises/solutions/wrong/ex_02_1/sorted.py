# Misconception: a dictionary's keys are in the order of the alphabet.
# Rejected by: test_the_words_keep_their_order
return {word: text.split().count(word) for word in sorted(text.split())}
