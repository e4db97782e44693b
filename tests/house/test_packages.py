"""Every package that is installed keeps the contract, and so does the one of the tests."""

from tessera.assembly.discovery import installed
from tessera.kit.config import Config
from tessera.testing.contracts import contract
from tests.beside import DUMMY, remark

for _package in installed(Config()):
    globals()[f"Test_{_package.label}"] = contract(_package)

TestDummy = contract(DUMMY, fill=remark)
