using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Kernel.Tests.Runtime.Fields;

/// <summary>Somebody who answers for filtered calls, as <see href="https://man7.org/linux/man-pages/man2/seccomp_unotify.2.html">seccomp_unotify(2)</see> says.</summary>
internal static partial class SeccompAgent
{
    private const nuint SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100;
    private const nuint SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101;
    private const int RequestSize = 80;
    private const int ResponseSize = 24;

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int ioctl(int fd, nuint request, byte* argument);

    /// <summary>Takes one connection, reads what came with the listener, answers one call.</summary>
    /// <param name="listener">Where the runtime comes.</param>
    /// <param name="answer">What the call returns: a negative error number.</param>
    /// <returns>The bytes that came with the listener.</returns>
    internal static byte[] ServeOne(Socket listener, int answer)
    {
        using var connection = listener.Accept();
        using var socket = MessageSocket.Adopt(new SafeFd((int)connection.Handle, ownsHandle: false));
        var buffer = new byte[MessageSocket.MaxBytes];
        var content = new MemoryStream();
        SafeFd? filter = null;
        for (int length; (length = socket.Receive(buffer, out var descriptor)) > 0; content.Write(buffer, 0, length))
            filter ??= descriptor;
        using (filter)
            Answer(filter.ShouldNotBeNull(), answer);
        return content.ToArray();
    }

    private static unsafe void Answer(SafeFd filter, int answer)
    {
        var request = new byte[RequestSize];
        var response = new byte[ResponseSize];
        fixed (byte* question = request)
        fixed (byte* reply = response)
        {
            ioctl(filter.Number, SECCOMP_IOCTL_NOTIF_RECV, question).ShouldBe(0);
            request.AsSpan(0, 8).CopyTo(response); // its id
            BinaryPrimitives.WriteInt32LittleEndian(response.AsSpan(16), answer);
            ioctl(filter.Number, SECCOMP_IOCTL_NOTIF_SEND, reply).ShouldBe(0);
        }
    }
}
