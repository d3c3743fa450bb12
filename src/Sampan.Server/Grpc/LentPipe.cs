using System.IO.Pipelines;

namespace Sampan.Server.Grpc;

/// <summary>The two directions of a connection that somebody else closes.</summary>
internal sealed class LentPipe(IDuplexPipe owned) : IDuplexPipe
{
    /// <inheritdoc/>
    public PipeReader Input { get; } = new KeptReader(owned.Input);

    /// <inheritdoc/>
    public PipeWriter Output => owned.Output;
}
