using Google.Protobuf;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Sessions;

namespace Sampan.BuildKit.Files;

/// <summary>Sends files to a client: a tree, of which it asks for what it has not, or a stream of bytes.</summary>
public static class FileSending
{
    /// <summary>The method that a client has to serve.</summary>
    public const string Method = "/moby.filesync.v1.FileSend/DiffCopy";

    private const int PieceBytes = 32 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Sends a tree by fsutil's protocol, the client being who receives.</summary>
    /// <param name="session">The client.</param>
    /// <param name="files">The tree, directories before what is in them.</param>
    /// <param name="open">Opens the content of a file, by its place in the list.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="GrpcException">The client refuses, or is gone.</exception>
    public static async Task SendTreeAsync(ClientSession session, IReadOnlyList<Stat> files, Func<int, Stream> open, CancellationToken ct)
    {
        await using var call = session.Open<Packet, Packet>(Method, [], Packet.Parser, ct);
        // What the client asks for meanwhile waits in the connection: each question is a few bytes.
        foreach (var file in files)
            await SayAsync(call, new Packet { Type = Packet.Types.PacketType.PacketStat, Stat = file }, ct);
        await SayAsync(call, new Packet { Type = Packet.Types.PacketType.PacketStat }, ct);
        while (await call.ReadAsync(ct) is { } packet)
        {
            switch (packet.Type)
            {
                case Packet.Types.PacketType.PacketReq when packet.ID < files.Count:
                    await SendContentAsync(call, packet.ID, open, ct);
                    break;
                case Packet.Types.PacketType.PacketFin:
                    await SayAsync(call, new Packet { Type = Packet.Types.PacketType.PacketFin }, ct);
                    call.Complete();
                    break;
                case Packet.Types.PacketType.PacketErr:
                    throw await RefusedAsync(call, packet, ct);
                default:
                    throw new GrpcException(GrpcCode.InvalidArgument, $"the client sends a packet of kind {packet.Type}, number {packet.ID}, where none is expected: refused");
            }
        }
    }

    /// <summary>Sends a stream.</summary>
    /// <exception cref="GrpcException">The client refuses, or is gone.</exception>
    public static async Task SendStreamAsync(ClientSession session, Stream content, CancellationToken ct)
    {
        await using var call = session.Open<BytesMessage, BytesMessage>(Method, [], BytesMessage.Parser, ct);
        var buffer = new byte[PieceBytes];
        for (int read; (read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct)) > 0;)
            await SayAsync(call, new BytesMessage { Data = ByteString.CopyFrom(buffer, 0, read) }, ct);
        call.Complete();
        while (await call.ReadAsync(ct) is not null)
        {
            // It has nothing to say but how it ended.
        }
    }

    private static async Task SendContentAsync(GrpcCall<Packet, Packet> call, uint number, Func<int, Stream> open, CancellationToken ct)
    {
        await using var content = open((int)number);
        var buffer = new byte[PieceBytes];
        for (int read; (read = await content.ReadAsync(buffer, ct)) > 0;)
            await SayAsync(call, new Packet { Type = Packet.Types.PacketType.PacketData, ID = number, Data = ByteString.CopyFrom(buffer, 0, read) }, ct);
        await SayAsync(call, new Packet { Type = Packet.Types.PacketType.PacketData, ID = number }, ct);
    }

    // A client that cannot go on ends the call while it is still written to: its last words say why.
    private static async Task SayAsync<T>(GrpcCall<T, T> call, T message, CancellationToken ct)
        where T : class, IMessage<T>
    {
        try
        {
            await call.WriteAsync(message, ct);
        }
        catch (GrpcException broken) when (broken.Code == GrpcCode.Unavailable)
        {
            while (await call.ReadAsync(ct) is { } said)
            {
                if (said is Packet { Type: Packet.Types.PacketType.PacketErr } refusal)
                    throw await RefusedAsync(call, refusal, ct);
            }
            throw;
        }
    }

    // What the call ends with is why; the packet may only say that the client's other work was given up for that.
    private static async Task<GrpcException> RefusedAsync<T>(GrpcCall<T, T> call, Packet packet, CancellationToken ct)
        where T : class, IMessage<T>
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(s_patience);
        try
        {
            while (await call.ReadAsync(patience.Token) is not null)
            {
                // What was asked for before.
            }
        }
        catch (GrpcException end) when (end.Code is not (GrpcCode.Unavailable or GrpcCode.Cancelled))
        {
            return new GrpcException(end.Code, $"the client cannot write the files: {end.Message}", end);
        }
        catch (Exception none) when (none is GrpcException || none is OperationCanceledException && !ct.IsCancellationRequested)
        {
            // The packet is all there is.
        }
        return new GrpcException(GrpcCode.Unknown, $"the client cannot write the files: {PathOrder.Show(packet.Data.Span)}");
    }
}
