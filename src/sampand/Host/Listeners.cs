using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Sampan.Linux.Accounts;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Server;
using Sampand.Configuration;

namespace Sampand.Host;

/// <summary>The sockets that the API is served on, with their owners and modes.</summary>
internal static class Listeners
{
    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Binds every address. Call under the locks of the roots: what is left of a dead daemon's socket is replaced.</summary>
    /// <exception cref="ConfigurationException">An address is taken or cannot be used.</exception>
    internal static IReadOnlyList<ApiListener> Bind(DaemonOptions options, ILogger log)
    {
        var group = SocketGroup(options.Group);
        var bound = new List<ApiListener>();
        try
        {
            foreach (var host in options.Hosts)
            {
                bound.Add(new ApiListener(host.Address, host.Address is UnixDomainSocketEndPoint unix ? BindUnix(unix, group, options.ExecRoot) : BindTcp(host, options.Tls?.AuthorityFile is not null, log)) { Tls = host.Address is IPEndPoint ? options.Tls : null });
            }

            return bound;
        }
        catch
        {
            Remove(bound);
            throw;
        }
    }

    /// <summary>Takes a TCP port; the listener knows the address that it got.</summary>
    /// <param name="address">Which; port 0: any.</param>
    /// <param name="name">How an error calls it; null: as it is.</param>
    /// <exception cref="ConfigurationException">It cannot be had.</exception>
    internal static ApiListener Bind(IPEndPoint address, string? name = null)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(address);
            return new ApiListener(socket.LocalEndPoint ?? address, socket);
        }
        catch (SocketException failed)
        {
            socket.Dispose();
            throw new ConfigurationException($"cannot listen on '{name ?? address.ToString()}': {failed.Message}", failed);
        }
    }

    /// <summary>Closes the sockets and removes their files.</summary>
    internal static void Remove(IEnumerable<ApiListener> listeners)
    {
        foreach (var listener in listeners)
        {
            listener.Socket.Dispose();
            if (listener.Address is UnixDomainSocketEndPoint unix)
                File.Delete(unix.ToString());
        }
    }

    private static Socket BindUnix(UnixDomainSocketEndPoint address, uint group, string execRoot)
    {
        var path = address.ToString();
        var directory = Path.GetDirectoryName(path) ?? "/";
        Directory.CreateDirectory(directory);
        RemoveStale(path, address);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(address);
            using var parent = DirectoryHandle.Open(directory);
            parent.SetOwner(Encoding.UTF8.GetBytes(Path.GetFileName(path)), 0, group);
            File.SetUnixFileMode(path, SocketMode);
            // A group that may use the socket must be able to reach it.
            if (group != 0 && directory == execRoot)
                OpenForGroup(execRoot, group);
            return socket;
        }
        catch (Exception failed) when (failed is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new ConfigurationException($"cannot listen on 'unix://{path}': {failed.Message}", failed);
        }
    }

    private static Socket BindTcp(HostUrl host, bool knowsClients, ILogger log)
    {
        var socket = Bind((IPEndPoint)host.Address, host.ToString()).Socket;
        if (!knowsClients)
            DaemonLog.Unprotected(log, host.ToString());
        return socket;
    }

    // Only what is a socket can be a dead daemon's: anything else at the path is somebody's file, or a link to one.
    private static void RemoveStale(string path, UnixDomainSocketEndPoint address)
    {
        using (var parent = DirectoryHandle.Open(Path.GetDirectoryName(path) ?? "/"))
        {
            if (!parent.TryStat(Encoding.UTF8.GetBytes(Path.GetFileName(path)), out var found))
                return;
            if (found.Kind != FileKind.Socket)
                throw new ConfigurationException($"cannot listen on 'unix://{path}': there is a {found.Kind switch { FileKind.SymbolicLink => "symbolic link", FileKind.Directory => "directory", _ => "file" }}, which is no socket: remove it, or choose another path");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(address);
        }
        catch (SocketException)
        {
            // Nobody accepts there: a daemon that was killed left it.
            File.Delete(path);
            return;
        }

        throw new ConfigurationException($"cannot listen on 'unix://{path}': another process already serves it");
    }

    private static uint SocketGroup(string? wanted)
    {
        using var root = RootPath.Open("/");
        if (wanted is not null)
        {
            return UserLookup.TryResolve(root, $"0:{wanted}", [], out var named, out var why)
                ? named.Gid
                : throw new ConfigurationException($"invalid value of 'group': '{wanted}': {why}");
        }

        foreach (var usual in new[] { "docker", "sampan" })
        {
            if (UserLookup.TryResolve(root, $"0:{usual}", [], out var found, out _))
                return found.Gid;
        }

        return 0;
    }

    private static void OpenForGroup(string directory, uint group)
    {
        using var parent = DirectoryHandle.Open(Path.GetDirectoryName(directory) ?? "/");
        parent.SetOwner(Encoding.UTF8.GetBytes(Path.GetFileName(directory)), 0, group);
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
    }
}
