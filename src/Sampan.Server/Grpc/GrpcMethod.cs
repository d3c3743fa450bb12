namespace Sampan.Server.Grpc;

/// <summary>Answers one call. What it throws becomes the call's status.</summary>
internal delegate Task GrpcMethod(GrpcCall call);
