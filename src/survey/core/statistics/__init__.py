"""Pure mathematics: intervals, influence values, weights; knows no survey."""
