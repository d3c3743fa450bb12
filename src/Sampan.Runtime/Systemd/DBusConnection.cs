using System.Globalization;
using System.Text;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Systemd;

/// <summary>
/// A connection to a D-Bus server, used by one thread that waits for each answer: the process that makes containers has no second one. Signals that
/// come meanwhile are kept.
/// </summary>
internal sealed class DBusConnection : IDisposable
{
    private const int LineMaxBytes = 1024;
    private const int SignalsMax = 256;

    private readonly MessageSocket _socket;
    private readonly TimeSpan _patience;
    private readonly Queue<DBusMessage> _signals = new();
    private byte[] _unread = [];
    private uint _serial;

    private DBusConnection(MessageSocket socket, TimeSpan patience) => (_socket, _patience) = (socket, patience);

    /// <summary>Connects and says who we are: the server sees that by the socket, too.</summary>
    /// <param name="directory">Of the socket.</param>
    /// <param name="name">Of the socket in it.</param>
    /// <param name="patience">How long an answer may take.</param>
    /// <exception cref="LinuxException">Nobody listens there.</exception>
    /// <exception cref="RuntimeException">The server does not want us, or is none.</exception>
    internal static DBusConnection Open(string directory, string name, TimeSpan patience) => Over(MessageSocket.ConnectStream(directory, name), patience);

    /// <summary>The same over a socket that is connected.</summary>
    internal static DBusConnection Over(MessageSocket socket, TimeSpan patience)
    {
        var connection = new DBusConnection(socket, patience);
        try
        {
            connection.Authenticate();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Calls a method and waits for its answer.</summary>
    /// <exception cref="DBusErrorException">It answered by an error.</exception>
    /// <exception cref="RuntimeException">There was no answer in time, or none that can be understood.</exception>
    internal DBusMessage Call(DBusMessage call)
    {
        call = call with { Serial = ++_serial, Kind = DBusKind.Call };
        Send(call.Encode());
        var deadline = Environment.TickCount64 + (long)_patience.TotalMilliseconds;
        while (true)
        {
            var message = Receive(deadline, call.Member);
            if (message.Kind == DBusKind.Signal)
                Keep(message);
            else if (message.ReplySerial == call.Serial)
                return message.Kind == DBusKind.Reply ? message : throw Failure(call, message);
        }
    }

    /// <summary>Waits for a signal; one that came earlier counts.</summary>
    /// <param name="member">Its name, for the error.</param>
    /// <param name="wanted">Picks it.</param>
    /// <exception cref="RuntimeException">It did not come in time.</exception>
    internal DBusMessage AwaitSignal(string member, Func<DBusMessage, bool> wanted)
    {
        var deadline = Environment.TickCount64 + (long)_patience.TotalMilliseconds;
        while (true)
        {
            while (_signals.TryDequeue(out var kept))
            {
                if (kept.Member == member && wanted(kept))
                    return kept;
            }
            var message = Receive(deadline, member);
            if (message.Kind == DBusKind.Signal)
                Keep(message);
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Keep(DBusMessage signal)
    {
        if (_signals.Count == SignalsMax)
            _signals.Dequeue();
        _signals.Enqueue(signal);
    }

    private static DBusErrorException Failure(DBusMessage call, DBusMessage answer)
    {
        var text = "";
        if (answer.Signature.StartsWith('s'))
            new DBusReader(answer.Body.Span).TryText(out text);
        return new DBusErrorException(answer.ErrorName, $"systemd refused {call.Member}: {(text.Length > 0 ? text : "it says no more")} ({answer.ErrorName})");
    }

    /// <summary>
    /// SASL by EXTERNAL: a zero byte, our user id in hexadecimal digits of its decimal ones, and from BEGIN on messages. All at once, as sd-bus does: when
    /// systemd answers, it has read BEGIN. A message that it read together with BEGIN would lie in its buffer until the next one came
    /// (bus_socket_read_auth of sd-bus takes what is there and waits for the socket, not for its buffer).
    /// </summary>
    private void Authenticate()
    {
        var user = CurrentProcess.ReadUid().ToString(CultureInfo.InvariantCulture);
        Send(Encoding.ASCII.GetBytes($"\0AUTH EXTERNAL {Convert.ToHexStringLower(Encoding.ASCII.GetBytes(user))}\r\nBEGIN\r\n"));
        var answer = ReadLine();
        if (!answer.StartsWith("OK ", StringComparison.Ordinal))
            throw new RuntimeException("systemd", $"its socket does not take user {user}: '{answer}'");
    }

    private string ReadLine()
    {
        var deadline = Environment.TickCount64 + (long)_patience.TotalMilliseconds;
        int end;
        while ((end = _unread.AsSpan().IndexOf("\r\n"u8)) < 0)
        {
            if (_unread.Length > LineMaxBytes)
                throw new RuntimeException("systemd", "its socket is none of D-Bus: the first line has no end");
            ReadMore(deadline, "AUTH");
        }
        var line = Encoding.ASCII.GetString(_unread.AsSpan(0, end));
        _unread = _unread[(end + 2)..];
        return line;
    }

    private DBusMessage Receive(long deadline, string waitingFor)
    {
        while (_unread.Length < DBusMessage.FixedLength)
            ReadMore(deadline, waitingFor);
        var length = DBusMessage.LengthOf(_unread) ?? throw Garbled(waitingFor);
        while (_unread.Length < length)
            ReadMore(deadline, waitingFor);
        var message = DBusMessage.Decode(_unread.AsMemory(0, length)) ?? throw Garbled(waitingFor);
        _unread = _unread[length..];
        return message;
    }

    private static RuntimeException Garbled(string waitingFor) => new("systemd", $"its answer to {waitingFor} is no message of D-Bus");

    private void ReadMore(long deadline, string waitingFor)
    {
        var left = deadline - Environment.TickCount64;
        if (left <= 0 || !UnixPeer.AwaitInput(_socket.Descriptor, (int)left))
            throw new RuntimeException("systemd", $"it did not answer {waitingFor} within {_patience.TotalSeconds} s");
        var buffer = new byte[4096];
        var count = ByteChannel.Read(_socket.Descriptor, buffer);
        if (count == 0)
            throw new RuntimeException("systemd", $"it closed the connection instead of answering {waitingFor}");
        if (count > 0)
            _unread = [.. _unread, .. buffer.AsSpan(0, count)];
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length > MessageSocket.MaxBytes; bytes = bytes[MessageSocket.MaxBytes..])
            _socket.Send(bytes[..MessageSocket.MaxBytes]);
        _socket.Send(bytes);
    }
}
