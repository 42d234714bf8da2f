"""How good the analyzer is on talks it was not trained on."""
