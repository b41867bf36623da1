"""`rebalance.*`: change how many rows each class has."""
