"""The demo: three municipalities on this computer, with everything that they need around them."""
