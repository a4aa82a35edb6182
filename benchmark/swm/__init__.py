"""Planning beside stable-worldmodel: the same predictor with the same weights, by its code and by this package's."""
