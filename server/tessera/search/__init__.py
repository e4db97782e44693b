"""Full text: finds things by what they say."""
