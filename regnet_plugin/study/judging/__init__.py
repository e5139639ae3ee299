"""The findings of the paper, claim by claim: what a study has to say of them."""
