"""all-MiniLM-L6-v2: texts to one vector a token, by onnxruntime or by PyTorch.

`GraphEncoder` needs 50 MiB and a quarter of a second to load, so people's queries go through it.
`TorchEncoder` needs 500 MiB and seconds. Both give the same vectors.
"""
