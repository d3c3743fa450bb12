using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Sampan.Network.Dns;

/// <summary>
/// Asks servers outside: all at once, the first good answer counts, and it is remembered for as long as it says. Any thread may ask.
/// </summary>
internal sealed class Upstream(TimeProvider time)
{
    private const int MostRemembered = 4096;
    private const int LongestDatagram = 4096;
    private const uint LongestMemory = 3600;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);
    private readonly ConcurrentDictionary<string, Memory> _memories = new(StringComparer.Ordinal);

    /// <summary>The answer, with the query's number; null: nobody answered.</summary>
    /// <param name="servers">Whom to ask.</param>
    /// <param name="query">What.</param>
    /// <param name="message">The query as it came.</param>
    /// <param name="byStream">By TCP, as the client asked.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<byte[]?> AskAsync(IReadOnlyList<IPEndPoint> servers, DnsQuery query, ReadOnlyMemory<byte> message, bool byStream, CancellationToken ct)
    {
        // The number aside, all that is asked is the key: flags, question, EDNS.
        var key = $"{string.Join(',', servers)} {byStream} {Convert.ToBase64String(message.Span[2..])}";
        if (_memories.TryGetValue(key, out var memory) && memory.Recall(time, query.Id) is { } known)
            return known;
        using var patience = new CancellationTokenSource(s_patience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        var asked = servers.Select(s => AskOneAsync(s, query, message, byStream, ending.Token)).ToList();
        byte[]? second = null;
        while (asked.Count > 0)
        {
            var done = await Task.WhenAny(asked).ConfigureAwait(false);
            asked.Remove(done);
            var answer = await done.ConfigureAwait(false);
            const int nameError = 3;
            if (answer is not null && (answer[3] & 0x0F) is DnsAnswer.NoError or nameError)
            {
                await ending.CancelAsync().ConfigureAwait(false);
                Remember(key, answer);
                BinaryPrimitives.WriteUInt16BigEndian(answer, query.Id);
                return answer;
            }

            second ??= answer;
        }

        if (second is not null)
            BinaryPrimitives.WriteUInt16BigEndian(second, query.Id);
        return second;
    }

    private static async Task<byte[]?> AskOneAsync(IPEndPoint server, DnsQuery query, ReadOnlyMemory<byte> message, bool byStream, CancellationToken ct)
    {
        try
        {
            // Number and port are new each time: who cannot see the question cannot forge an answer.
            var own = message.ToArray();
            RandomNumberGenerator.Fill(own.AsSpan(0, 2));
            using var socket = new Socket(server.AddressFamily, byStream ? SocketType.Stream : SocketType.Dgram, byStream ? ProtocolType.Tcp : ProtocolType.Udp);
            await socket.ConnectAsync(server, ct).ConfigureAwait(false);
            return byStream ? await ByStreamAsync(socket, own, query, ct).ConfigureAwait(false) : await ByDatagramAsync(socket, own, query, ct).ConfigureAwait(false);
        }
        catch (Exception silent) when (silent is SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<byte[]?> ByDatagramAsync(Socket socket, byte[] question, DnsQuery query, CancellationToken ct)
    {
        var buffer = new byte[Math.Max(LongestDatagram, query.DatagramBytes)];
        await socket.SendAsync(question, ct).ConfigureAwait(false);
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer, ct).ConfigureAwait(false);
            if (Answers(buffer.AsSpan(0, count), question, query))
                return buffer[..count];
        }
    }

    private static async Task<byte[]?> ByStreamAsync(Socket socket, byte[] question, DnsQuery query, CancellationToken ct)
    {
        await using var stream = new NetworkStream(socket);
        await DnsStream.WriteAsync(stream, question, ct).ConfigureAwait(false);
        var answer = await DnsStream.ReadAsync(stream, ct).ConfigureAwait(false);
        return answer is not null && Answers(answer, question, query) ? answer : null;
    }

    private static bool Answers(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question, DnsQuery query)
    {
        if (answer.Length < query.QuestionEnd || !answer[..2].SequenceEqual(question[..2]) || (answer[2] & 0x80) == 0)
            return false;
        for (var i = DnsQuery.HeaderBytes; i < query.QuestionEnd; i++)
        {
            if (char.ToLowerInvariant((char)answer[i]) != char.ToLowerInvariant((char)question[i]))
                return false;
        }

        return true;
    }

    private void Remember(string key, byte[] answer)
    {
        if (!Lifetimes(answer, out var places, out var shortest) || shortest == 0)
            return;
        if (_memories.Count >= MostRemembered)
            _memories.Clear(); // rare, and cheaper than keeping order
        _memories[key] = new Memory([.. answer], places, time.GetTimestamp(), Math.Min(shortest, LongestMemory));
    }

    /// <summary>Where the times to live stand in an answer; false: it is damaged, cut off, or says nothing about time.</summary>
    internal static bool Lifetimes(ReadOnlySpan<byte> answer, out IReadOnlyList<int> places, out uint shortest)
    {
        const int opt = 41;
        List<int> found = [];
        places = found;
        shortest = uint.MaxValue;
        const byte truncated = 2;
        if (answer.Length < DnsQuery.HeaderBytes || (answer[2] & truncated) != 0)
            return false;
        var position = DnsQuery.HeaderBytes;
        for (var i = 0; i < BinaryPrimitives.ReadUInt16BigEndian(answer[4..]); i++)
        {
            if (!DnsRecord.TrySkipQuestion(answer, ref position))
                return false;
        }

        var records = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]) + BinaryPrimitives.ReadUInt16BigEndian(answer[8..]) + BinaryPrimitives.ReadUInt16BigEndian(answer[10..]);
        for (var i = 0; i < records; i++)
        {
            if (!DnsRecord.TryRead(answer, ref position, out var record))
                return false;
            if (record.Type == opt)
                continue;
            found.Add(record.TimeToLiveOffset);
            shortest = Math.Min(shortest, record.TimeToLive);
        }

        return found.Count > 0;
    }

    /// <summary>An answer, when it came (<see cref="TimeProvider.GetTimestamp"/>), and for how many seconds it holds.</summary>
    private sealed record Memory(byte[] Answer, IReadOnlyList<int> Places, long Came, uint Seconds)
    {
        internal byte[]? Recall(TimeProvider time, ushort id)
        {
            var age = time.GetElapsedTime(Came).TotalSeconds;
            if (age >= Seconds)
                return null;
            var answer = (byte[])Answer.Clone();
            BinaryPrimitives.WriteUInt16BigEndian(answer, id);
            foreach (var place in Places)
            {
                var field = answer.AsSpan(place);
                BinaryPrimitives.WriteUInt32BigEndian(field, BinaryPrimitives.ReadUInt32BigEndian(field) - (uint)age);
            }

            return answer;
        }
    }
}
