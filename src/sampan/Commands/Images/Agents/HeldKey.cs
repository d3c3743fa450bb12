using System.Buffers.Binary;
using System.Text;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>
/// A key that an agent of OpenSSH holds, started for it and in force until it is given up or this process ends, in whatever way: RSA and the curves of NIST
/// need arithmetic whose time tells nothing of the key, which OpenSSH has and this static program, which can load no OpenSSL, has not.
/// </summary>
internal sealed class HeldKey : PrivateKey
{
    private const int NotInstalled = 127;

    // The agent is the program's child and ends with it; the program ends with its standard input, our end of which the kernel closes if nobody else does.
    // The key goes in by a descriptor: by its name ssh-add would judge the file's mode.
    private const string Program = """
        command -v ssh-agent >/dev/null && command -v ssh-add >/dev/null || exit 127
        exec ssh-agent /bin/sh -c 'trap "kill $SSH_AGENT_PID" EXIT; ssh-add -q - <&3 || exit 1; exec 3<&-; echo "$SSH_AUTH_SOCK"; cat >/dev/null'
        """;

    private readonly PidFd _process;
    private readonly SafeFd _hold;
    private readonly string _socket;

    private HeldKey(PidFd process, SafeFd hold, string socket)
    {
        (_process, _hold, _socket) = (process, hold, socket);
        try
        {
            PublicBlob = FirstIdentity();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override byte[] PublicBlob { get; }

    /// <summary>Starts an agent that holds a key.</summary>
    /// <param name="key">What is in its file, at most <see cref="PrivateKey.MaxBytes"/>: what a pipe holds. It is read once, so what is held is what was looked at.</param>
    /// <param name="environment">The agent's; null: this process's.</param>
    /// <exception cref="InvalidDataException">It is no key, or there is no such agent.</exception>
    public static HeldKey Of(string key, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (input, hold) = ByteChannel.Pipe();
        var (reader, output) = ByteChannel.Pipe();
        var (content, filler) = ByteChannel.Pipe();
        PidFd process;
        using (reader)
        {
            using (filler)
                ByteChannel.Write(filler, Encoding.UTF8.GetBytes(key));
            using (input)
            using (output)
            using (content)
                process = PidFd.Open(ProcessSpawner.Spawn("/bin/sh", ["sh", "-c", Program], environment, new SpawnOptions { Stdin = input, Stdout = output, Inherit = [(content, 3)], NewSession = true }));
            if (ReadLine(reader) is { } socket) return new HeldKey(process, hold, socket);
        }
        hold.Dispose();
        using (process)
        {
            throw new InvalidDataException(process.Reap() is { ExitCode: NotInstalled }
                ? "for keys other than ed25519 ssh-agent and ssh-add are needed, which are not installed here (openssh-client)" : "it is damaged");
        }
    }

    // Without a flag an RSA key would sign by SHA-1, which no server accepts any more.
    public override byte[]? Sign(ReadOnlySpan<byte> data, uint flags)
    {
        if (flags == 0 && new FieldReader(PublicBlob).Text() == "ssh-rsa") return null;
        byte[] how = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(how, flags);
        byte[] answer = Ask([AgentMessage.AskSignature, .. AgentMessage.Fields(PublicBlob, data.ToArray()), .. how]);
        return answer[0] == AgentMessage.Signature ? new FieldReader(answer.AsSpan(1)).Bytes() : null;
    }

    public override void Dispose()
    {
        _hold.Dispose();
        using (_process) _ = _process.Reap();
    }

    private byte[] FirstIdentity()
    {
        byte[] answer = Ask([AgentMessage.AskIdentities]);
        if (answer[0] != AgentMessage.Identities) throw new InvalidDataException("the agent that was started for it tells no key");
        var reader = new FieldReader(answer.AsSpan(1));
        return reader.Number() == 1 ? reader.Bytes() : throw new InvalidDataException("the agent that was started for it tells not one key");
    }

    private byte[] Ask(byte[] message)
    {
        try
        {
            using var socket = StreamSocket.Connect(_socket);
            byte[] head = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(head, message.Length);
            socket.Send([.. head, .. message]);
            Fill(socket, head);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
            if (length is 0 or > AgentMessage.MaxBytes) throw new InvalidDataException($"a message of an SSH agent has {length} bytes");
            byte[] answer = new byte[length];
            Fill(socket, answer);
            return answer;
        }
        catch (LinuxException e)
        {
            throw new InvalidDataException($"the agent that was started for it has gone: {e.Message}", e);
        }
    }

    private static void Fill(StreamSocket socket, Span<byte> target)
    {
        while (target.Length > 0)
        {
            int count = socket.Receive(target);
            if (count == 0) throw new InvalidDataException("the agent that was started for it ended the talk");
            target = target[count..];
        }
    }

    // Null: it ended without one.
    private static string? ReadLine(SafeFd reader)
    {
        byte[] line = new byte[4096];
        for (int length = 0; length < line.Length;)
        {
            int count = ByteChannel.Read(reader, line.AsSpan(length));
            if (count <= 0) return null;
            length += count;
            if (line[length - 1] == '\n') return Encoding.UTF8.GetString(line, 0, length - 1);
        }
        return null;
    }
}
