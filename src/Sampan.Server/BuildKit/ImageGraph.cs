using System.Security.Cryptography;
using Google.Protobuf;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos.Ops;

namespace Sampan.Server.BuildKit;

/// <summary>
/// The one graph of operations that there is: an image that was built. Clients take it for what a build gave, and give it back as an input of the next, as
/// <c>bake</c> does with targets that stand on each other. Pure.
/// </summary>
internal static class ImageGraph
{
    private const string Scheme = "sampan-image://";

    /// <summary>The graph of an image.</summary>
    internal static Definition Of(string imageId)
    {
        var source = new Op { Source = new SourceOp { Identifier = Scheme + imageId } }.ToByteString();
        var end = new Op { Inputs = { new Input { Digest = Digest(source) } } }.ToByteString();
        return new Definition { Def = { source, end }, Metadata = { [Digest(source)] = new OpMetadata(), [Digest(end)] = new OpMetadata() } };
    }

    private static string Digest(ByteString operation) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(operation.Span));

    /// <summary>The image of a graph.</summary>
    /// <exception cref="GrpcException"><see cref="GrpcCode.Unimplemented"/>: it says something else.</exception>
    internal static string Read(Definition graph)
    {
        try
        {
            if (graph.Def.Count == 2 && Op.Parser.ParseFrom(graph.Def[0]).Source?.Identifier is { } identifier && identifier.StartsWith(Scheme, StringComparison.Ordinal))
                return identifier[Scheme.Length..];
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new GrpcException(GrpcCode.InvalidArgument, $"malformed graph: {broken.Message}", broken);
        }
        throw new GrpcException(GrpcCode.Unimplemented, "graphs of operations (LLB) are not supported by this builder: it builds Dockerfiles (frontend dockerfile.v0)");
    }
}
