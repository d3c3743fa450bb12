using System.Net.Sockets;
using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Storage.Plugins;

/// <summary>A managed plugin as those see it who speak with it.</summary>
/// <param name="Record">Its record.</param>
/// <param name="Directory">Its directory below the data root.</param>
/// <param name="SocketDirectory">The directory of the host that it has as <c>/run/docker/plugins</c>.</param>
/// <param name="Trouble">Why nobody can speak with it now though it is enabled; null: it runs.</param>
public sealed record ManagedPlugin(PluginRecord Record, string Directory, string SocketDirectory, string? Trouble)
{
    /// <summary>The directory with what it mounts for others.</summary>
    public string PropagatedMount => Path.Combine(Directory, "propagated-mount");

    /// <summary>Its socket on the host.</summary>
    public string Socket => Path.Combine(SocketDirectory, Record.Config.Interface.Socket);

    /// <summary>Opens a directory of the plugin's.</summary>
    /// <param name="inside">The path as the plugin has it.</param>
    /// <returns>
    /// The directory, not its path, for the plugin may exchange any part of that the next moment; null: there is none. No link of the plugin's leads
    /// out of what is its own.
    /// </returns>
    public SafeFd? OpenDirectory(string inside)
    {
        ArgumentNullException.ThrowIfNull(inside);
        var (root, rest) = Scope(inside);
        if (inside is not ['/', ..] || inside.Contains('\0') || !System.IO.Directory.Exists(root))
            return null;
        using var own = RootPath.Open(root);
        return own.TryOpen(rest, OpenFlags.Path | OpenFlags.Directory, out var found, out _) ? found : null;
    }

    /// <summary>Where a directory of the plugin's is on the host, without looking, for people to read: what a plugin says of a volume that is not mounted may be nowhere.</summary>
    public string Shown(string inside)
    {
        ArgumentNullException.ThrowIfNull(inside);
        var (root, rest) = Scope(inside);
        return inside.Length == 0 ? "" : Path.Combine(root, string.Join('/', rest.Split('/').Where(part => part is not ("" or "." or ".."))));
    }

    /// <summary>Connects to its socket: a link in its place is refused, for it would lead to a socket of the host.</summary>
    /// <exception cref="IOException">There is no socket, or nobody listens.</exception>
    public async ValueTask<Stream> ConnectAsync(CancellationToken ct)
    {
        SafeFd socket;
        try
        {
            using var root = RootPath.Open(SocketDirectory);
            socket = root.OpenFile(Record.Config.Interface.Socket, OpenFlags.Path | OpenFlags.NoFollow);
        }
        catch (LinuxException missing)
        {
            throw new IOException($"there is no socket '{Record.Config.Interface.Socket}': {missing.Message}", missing);
        }

        using (socket)
        {
            if (FileStatus.Of(socket).Kind != FileKind.Socket)
                throw new IOException($"'{Record.Config.Interface.Socket}' is no socket");
            var line = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await line.ConnectAsync(new UnixDomainSocketEndPoint(socket.ProcPath), ct).ConfigureAwait(false);
                return new NetworkStream(line, ownsSocket: true);
            }
            catch (SocketException refused)
            {
                line.Dispose();
                throw new IOException(refused.Message, refused);
            }
            catch
            {
                line.Dispose();
                throw;
            }
        }
    }

    private (string Root, string Below) Scope(string inside)
    {
        var propagated = Record.Config.PropagatedMount.TrimEnd('/');
        return propagated.Length > 0 && (inside == propagated || inside.StartsWith(propagated + "/", StringComparison.Ordinal))
            ? (PropagatedMount, inside[propagated.Length..])
            : (Path.Combine(Directory, Record.Files), inside);
    }
}
