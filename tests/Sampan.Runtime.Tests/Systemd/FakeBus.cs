using System.Text;
using Sampan.Linux.Io;
using Sampan.Runtime.Systemd;

namespace Sampan.Runtime.Tests.Systemd;

/// <summary>The other end of a connection: takes what it is sent, and answers what the test says.</summary>
internal sealed class FakeBus : IDisposable
{
    private readonly MessageSocket _socket;
    private readonly Task _work;

    private FakeBus(MessageSocket socket, Action<FakeBus> script)
    {
        _socket = socket;
        _work = Task.Run(() => script(this));
    }

    /// <summary>What the client said before its first message.</summary>
    internal string Greeting { get; private set; } = "";

    internal static (MessageSocket Client, FakeBus Bus) Start(Action<FakeBus> script)
    {
        var directory = Directory.CreateTempSubdirectory("sampan-bus-").FullName;
        using var listener = MessageListener.Listen(directory, "bus", messages: false);
        var client = MessageSocket.ConnectStream(directory, "bus");
        var server = listener.Accept();
        Directory.Delete(directory, recursive: true);
        return (client, new FakeBus(server, script));
    }

    /// <summary>A server at a path, for a client that connects by itself.</summary>
    internal static Task<FakeBus> ListenAsync(string directory, string name, Action<FakeBus> script)
    {
        var listener = MessageListener.Listen(directory, name, messages: false);
        return Task.Run(() =>
        {
            using (listener)
                return new FakeBus(listener.Accept(), script);
        });
    }

    internal void Greet(string answer = "OK 0123456789abcdef0123456789abcdef\r\n")
    {
        Greeting = ReadLine() + ReadLine();
        Send(Encoding.ASCII.GetBytes(answer));
    }

    internal DBusMessage Receive()
    {
        var start = Read(DBusMessage.FixedLength);
        var length = DBusMessage.LengthOf(start) ?? throw new InvalidOperationException("no message");
        return DBusMessage.Decode((byte[])[.. start, .. Read(length - DBusMessage.FixedLength)]) ?? throw new InvalidOperationException("a garbled message");
    }

    internal void Reply(DBusMessage call, string signature = "", params string[] texts) => Send(new DBusMessage
    {
        Kind = DBusKind.Reply,
        Serial = 1000 + call.Serial,
        ReplySerial = call.Serial,
        Signature = signature,
        Body = Texts(texts),
    }.Encode());

    internal void Refuse(DBusMessage call, string error, string message) => Send(new DBusMessage
    {
        Kind = DBusKind.Error,
        Serial = 1000 + call.Serial,
        ReplySerial = call.Serial,
        ErrorName = error,
        Signature = "s",
        Body = Texts(message),
    }.Encode());

    internal void JobRemoved(string job, string unit, string result)
    {
        var body = new DBusWriter();
        body.Number32(17);
        body.Text(job);
        body.Text(unit);
        body.Text(result);
        Send(new DBusMessage
        {
            Kind = DBusKind.Signal,
            Serial = 5,
            Path = "/org/freedesktop/systemd1",
            Interface = "org.freedesktop.systemd1.Manager",
            Member = "JobRemoved",
            Signature = "uoss",
            Body = body.Written.ToArray(),
        }.Encode());
    }

    internal void Send(ReadOnlySpan<byte> bytes) => _socket.Send(bytes);

    /// <summary>Closes the connection.</summary>
    internal void Leave() => _socket.Dispose();

    /// <summary>Throws what went wrong in the script.</summary>
    internal void Finish() => _work.Wait(TimeSpan.FromSeconds(60)).ShouldBeTrue("the script did not end");

    public void Dispose() => _socket.Dispose();

    private static byte[] Texts(params string[] texts)
    {
        var body = new DBusWriter();
        foreach (var text in texts)
            body.Text(text);
        return body.Written.ToArray();
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        while (line.Length < 2 || line[^1] != '\n')
            line.Append((char)Read(1)[0]);
        return line.ToString();
    }

    private byte[] Read(int count)
    {
        var bytes = new byte[count];
        for (var there = 0; there < count;)
        {
            var read = ByteChannel.Read(_socket.Descriptor, bytes.AsSpan(there));
            if (read <= 0)
                throw new EndOfStreamException("the client left");
            there += read;
        }
        return bytes;
    }
}
