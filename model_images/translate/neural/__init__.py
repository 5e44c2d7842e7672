"""What the neural translation engines share: from a title's texts to sentences, and back by time.

A plan of sentences (`sentences`), candidates for each by beam search (`beams`, `ctranslate`), the
best that keeps its terms and fits its time (`choosing`), divided among the segments (`dividing`).
"""
