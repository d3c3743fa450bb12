using Sampan.Build.Clients;
using Sampan.BuildKit.Files;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.Storage.Building;

namespace Sampan.Server.Docker.Sessions;

/// <summary>Files that a client listed over its session.</summary>
internal sealed class SessionFiles(FileTransfer transfer, IReadOnlyList<ReceivedFile> files) : IClientFiles
{
    /// <inheritdoc/>
    public IReadOnlyList<ReceivedFile> Files => files;

    /// <inheritdoc/>
    public async Task FetchAsync(SourceReceiver receiver, CancellationToken ct)
    {
        try
        {
            await transfer.FetchAsync(receiver.Wanted, (number, piece) => receiver.Take(number, piece.Span), ct).ConfigureAwait(false);
        }
        catch (GrpcException failed)
        {
            throw SessionClient.BuildFailure($"the client did not send its files: {SessionClient.Reason(failed)}", failed);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => transfer.DisposeAsync();

    /// <summary>What the wire says of a file; a mode of no kind at all stays one that nobody knows.</summary>
    internal static ReceivedFile ToFile(Stat file) => new(file.Path.Memory, GoMode.ToKernel(file.Mode) ?? 0)
    {
        Size = file.Size,
        Modified = file.ModTime,
        Target = file.Linkname.Memory,
        Device = ((uint)Math.Clamp(file.Devmajor, 0, uint.MaxValue), (uint)Math.Clamp(file.Devminor, 0, uint.MaxValue)),
        Attributes = [.. file.Xattrs.Select(attribute => KeyValuePair.Create(attribute.Key, attribute.Value.ToByteArray()))],
    };
}
