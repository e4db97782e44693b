from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class SignatureCreate(BaseModel):
    signature_create: "SignatureCreateSignatureCreate" = Field(alias="signatureCreate")


class SignatureCreateSignatureCreate(BaseModel):
    signature: Optional["SignatureCreateSignatureCreateSignature"]
    user_errors: list["SignatureCreateSignatureCreateUserErrors"] = Field(
        alias="userErrors"
    )


class SignatureCreateSignatureCreateSignature(BaseModel):
    id: str
    name: str
    text: str
    active: bool
    version: int


SignatureCreateSignatureCreateUserErrors = UserErrorFields
SignatureCreate.model_rebuild()
SignatureCreateSignatureCreate.model_rebuild()
