using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Sessions;

namespace Sampan.BuildKit.Files;

/// <summary>
/// Receives files of a client by fsutil's protocol: (1) the client lists what it has (2) contents are asked for by their places in the list, a few at
/// a time, and come in pieces (3) both sides say that they are done.
/// </summary>
public sealed class FileTransfer : IAsyncDisposable
{
    /// <summary>The method that a client has to serve.</summary>
    public const string Method = "/moby.filesync.v1.FileSync/DiffCopy";

    /// <summary>So many files a client may list.</summary>
    public const int MaxFiles = 1_000_000;

    private const long MaxListBytes = 512L << 20;

    // What may be asked for and has not come whole.
    private const int MostAsked = 256;
    private const long MostBytes = 4 << 20;

    private readonly GrpcCall<Packet, Packet> _call;

    private FileTransfer(GrpcCall<Packet, Packet> call) => _call = call;

    /// <summary>Begins it.</summary>
    public static FileTransfer Begin(ClientSession session, FileWish wish, CancellationToken ct) => new(session.Open<Packet, Packet>(Method, wish.ToHeaders(), Packet.Parser, ct));

    /// <summary>(1) What the client has, parents first.</summary>
    /// <exception cref="GrpcException">The client refuses, or lists what cannot be.</exception>
    public async Task<IReadOnlyList<Stat>> ListAsync(CancellationToken ct)
    {
        var files = new List<Stat>();
        var order = new PathOrder();
        long bytes = 0;
        while ((await ReadAsync(ct)).Stat is { } file)
        {
            bytes += file.CalculateSize();
            if (files.Count == MaxFiles || bytes > MaxListBytes)
                throw new GrpcException(GrpcCode.ResourceExhausted, $"the client lists more than {MaxFiles} files, or {MaxListBytes} bytes of their names: leave some out by a .dockerignore");
            if (file.Size < 0 || file.Linkname.Length > PathOrder.MaxPath)
                throw new GrpcException(GrpcCode.InvalidArgument, $"'{PathOrder.Show(file.Path.Span)}' of the client's files has a size or a target that cannot be: refused");
            order.Next(file.Path, GoMode.IsDirectory(file.Mode));
            files.Add(file);
        }
        return files;

        async Task<Packet> ReadAsync(CancellationToken token)
        {
            var packet = await NextAsync(token);
            return packet.Type == Packet.Types.PacketType.PacketStat ? packet : throw Unexpected(packet);
        }
    }

    /// <summary>(2), (3) Fetches contents.</summary>
    /// <param name="wanted">Places in the list, with the sizes that it says.</param>
    /// <param name="take">Gets pieces as they come: the place, and the bytes; none: that was all of it. What is larger than all that is asked for at a time comes alone.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="GrpcException">The client cannot read one, or sends what nobody asked for.</exception>
    public async Task FetchAsync(IReadOnlyList<(int Number, long Size)> wanted, Action<int, ReadOnlyMemory<byte>> take, CancellationToken ct)
    {
        var asked = new Dictionary<int, long>();
        var next = 0;
        long bytes = 0;
        while (next < wanted.Count || asked.Count > 0)
        {
            while (next < wanted.Count && (asked.Count == 0 || asked.Count < MostAsked && bytes + wanted[next].Size < MostBytes))
            {
                var (number, size) = wanted[next++];
                asked.Add(number, size);
                bytes += size;
                await _call.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketReq, ID = (uint)number }, ct);
            }
            var packet = await NextAsync(ct);
            if (packet.Type != Packet.Types.PacketType.PacketData)
                throw Unexpected(packet);
            if (packet.ID > int.MaxValue || !asked.TryGetValue((int)packet.ID, out var expected))
                throw new GrpcException(GrpcCode.InvalidArgument, $"the client sends a content that was not asked for, number {packet.ID}: refused");
            take((int)packet.ID, packet.Data.Memory);
            if (packet.Data.Length > 0)
                continue;
            asked.Remove((int)packet.ID);
            bytes -= expected;
        }
        await FinishAsync(ct);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _call.DisposeAsync();

    private async Task FinishAsync(CancellationToken ct)
    {
        await _call.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketFin }, ct);
        if (await NextAsync(ct) is { Type: not Packet.Types.PacketType.PacketFin } other)
            throw Unexpected(other);
        _call.Complete();
        if (await _call.ReadAsync(ct) is { } more)
            throw Unexpected(more);
    }

    private async Task<Packet> NextAsync(CancellationToken ct)
    {
        var packet = await _call.ReadAsync(ct) ?? throw new GrpcException(GrpcCode.Internal, "the client ended the transfer before its files had come");
        return packet.Type != Packet.Types.PacketType.PacketErr ? packet
            : throw new GrpcException(GrpcCode.Unknown, $"the client cannot send its files: {PathOrder.Show(packet.Data.Span)}");
    }

    private static GrpcException Unexpected(Packet packet) => new(GrpcCode.InvalidArgument, $"the client sends a packet of kind {packet.Type} where none is expected: refused");
}
