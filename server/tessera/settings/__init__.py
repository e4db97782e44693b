"""SysConfig: what an administrator may change while the house runs."""
