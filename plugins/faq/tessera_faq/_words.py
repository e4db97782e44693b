"""What is said to people beside problems and facts."""

SENTENCES = {
    "symptom": "Symptom",
    "problem": "Problem",
    "solution": "Solution",
    "comment": "Comment",
}
"""How texts are called until administrators call them otherwise, by name."""
