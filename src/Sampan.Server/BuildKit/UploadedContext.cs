using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Sessions;
using Sampan.Server.Docker.Sessions;
using Sampan.Server.Http;

namespace Sampan.Server.BuildKit;

/// <summary>A context that the client has as an archive, on its standard input: it is asked for by the address that the client gave it.</summary>
internal sealed class UploadedContext(ClientSession session, string id) : OneWayStream
{
    private const string Method = "/moby.upload.v1.Upload/Pull";
    private const string Host = "buildkit-session";
    private const string Prefix = "http://" + Host + "/";

    private GrpcCall<BytesMessage, BytesMessage>? _call;
    private ReadOnlyMemory<byte> _left;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <summary>What the client calls the archive of an address; null: the address is another's.</summary>
    internal static string? Id(string? address) => address?.StartsWith(Prefix, StringComparison.Ordinal) == true ? address[Prefix.Length..] : null;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            if (_call is null)
            {
                _call = session.Open<BytesMessage, BytesMessage>(Method, [KeyValuePair.Create("urlpath", "/" + id), KeyValuePair.Create("urlhost", Host)], BytesMessage.Parser, session.Ended);
                _call.Complete();
            }
            while (_left.IsEmpty)
            {
                if (await _call.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } message)
                    return 0;
                _left = message.Data.Memory;
            }
        }
        catch (GrpcException failed)
        {
            throw SessionClient.BuildFailure($"the client did not send its context: {SessionClient.Reason(failed)}", failed);
        }
        var count = Math.Min(buffer.Length, _left.Length);
        _left[..count].CopyTo(buffer);
        _left = _left[count..];
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_call is not null)
            await _call.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
