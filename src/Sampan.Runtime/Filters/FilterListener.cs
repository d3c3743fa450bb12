using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Filters;

/// <summary>Who decides about the calls that a filter leaves open (<c>SCMP_ACT_NOTIFY</c>): an agent behind a Unix socket.</summary>
/// <param name="Path">Its socket, a stream.</param>
/// <param name="Metadata">Text for it, or null.</param>
internal sealed record FilterListener(string Path, string? Metadata)
{
    /// <summary>Sends the filter's listener and the state of its process: one connection, one state, then the end.</summary>
    /// <exception cref="RuntimeException">The agent cannot be reached.</exception>
    internal void Send(SafeFd listener, ContainerState state, int pid)
    {
        var message = SpecDocument.Write(
            new ContainerProcessState { OciVersion = state.OciVersion, Fds = [ContainerProcessState.SeccompFd], Pid = pid, Metadata = Metadata, State = state }).AsSpan();
        try
        {
            var full = System.IO.Path.GetFullPath(Path);
            using var agent = MessageSocket.ConnectStream(System.IO.Path.GetDirectoryName(full) ?? "/", System.IO.Path.GetFileName(full));
            // The descriptor belongs to the first message, whatever follows.
            var first = message[..Math.Min(message.Length, MessageSocket.MaxBytes)];
            agent.Send(first, listener);
            for (var sent = first.Length; sent < message.Length; sent += MessageSocket.MaxBytes)
                agent.Send(message[sent..Math.Min(message.Length, sent + MessageSocket.MaxBytes)]);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("filter", $"cannot send the filter's listener to linux.seccomp.listenerPath '{Path}': {failure.Message}", failure);
        }
    }
}
