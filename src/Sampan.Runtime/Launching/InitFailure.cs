using System.Buffers.Binary;
using System.Text;
using Sampan.Linux;

namespace Sampan.Runtime.Launching;

/// <summary>What init reports when a step fails.</summary>
/// <param name="Step">The step.</param>
/// <param name="Message">What failed, on what, why.</param>
/// <param name="ExitCode">126 or 127 if it was the program itself, 0 otherwise.</param>
internal readonly record struct InitFailure(string Step, string Message, int ExitCode)
{
    private const int TextMax = 4000;
    private const int HeaderSize = 4;

    private static readonly Errno[] s_disk = [Errno.ENOSPC, Errno.EDQUOT, Errno.EROFS, Errno.EIO];

    /// <summary>As a message: kind, exit code, length of the step, step, text.</summary>
    internal byte[] Encode()
    {
        var step = Encoding.UTF8.GetBytes(Step);
        var text = Encoding.UTF8.GetBytes(Message);
        if (text.Length > TextMax)
            text = text[..TextMax];
        var message = new byte[HeaderSize + step.Length + text.Length];
        message[0] = (byte)InitMessage.Failed;
        message[1] = (byte)ExitCode;
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(2), (ushort)step.Length);
        step.CopyTo(message, HeaderSize);
        text.CopyTo(message, HeaderSize + step.Length);
        return message;
    }

    /// <summary>Reads a message; every length is checked against what came.</summary>
    internal static InitFailure Decode(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderSize || BinaryPrimitives.ReadUInt16LittleEndian(message[2..]) is var length && length > message.Length - HeaderSize)
            return new InitFailure("conversation", "init reported a failure that cannot be read", 0);
        return new InitFailure(
            Encoding.UTF8.GetString(message.Slice(HeaderSize, length)), Encoding.UTF8.GetString(message[(HeaderSize + length)..]), message[1]);
    }

    internal static InitFailure From(string step, Exception failure) => failure switch
    {
        StartFailedException start => new InitFailure(start.Step, start.Message, start.ExitCode),
        RuntimeException runtime => new InitFailure(runtime.Step, runtime.Message, 0),
        LinuxException linux => new InitFailure(step, linux.Message, 0),
        _ => new InitFailure(step, failure.ToString(), 0), // a mistake of ours: the stack says where
    };

    /// <summary>The failure as an exception, the step before the words once, however many processes it came through.</summary>
    internal RuntimeException ToException()
    {
        if (ExitCode != 0)
            return new StartFailedException(Step, Message, ExitCode);
        var prefix = Step + ": ";
        return new RuntimeException(Step, Message.StartsWith(prefix, StringComparison.Ordinal) ? Message : prefix + Message, DiskRefusal());
    }

    // Who asked does as with a disk that refuses itself. The reason's name ends the words (Errno.Describe), also those of supervisors of earlier versions.
    private LinuxException? DiskRefusal()
    {
        foreach (var reason in s_disk)
        {
            if (Message.EndsWith($"({reason})", StringComparison.Ordinal))
                return new LinuxException(Step, reason);
        }

        return null;
    }
}
