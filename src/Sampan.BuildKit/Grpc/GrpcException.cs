using Google.Protobuf.WellKnownTypes;

namespace Sampan.BuildKit.Grpc;

/// <summary>A call failed, by the other side's word or because the connection broke.</summary>
/// <param name="code">How.</param>
/// <param name="message">Why, in the other side's words.</param>
/// <param name="cause">The failure below.</param>
public sealed class GrpcException(GrpcCode code, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>How it ended.</summary>
    public GrpcCode Code { get; } = code;

    /// <summary>What the caller can make more of than of a sentence.</summary>
    public IReadOnlyList<Any> Details { get; init; } = [];
}
