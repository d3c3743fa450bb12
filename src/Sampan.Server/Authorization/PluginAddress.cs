using System.Net;
using System.Net.Sockets;
using Sampan.Engine;

namespace Sampan.Server.Authorization;

/// <summary>Where a plugin listens, found as Docker finds it: a socket in the directory of sockets, or a <c>.spec</c> file that holds an URL.</summary>
internal static class PluginAddress
{
    /// <summary>Docker's directory of sockets.</summary>
    internal const string Sockets = "/run/docker/plugins";

    /// <summary>Docker's directories of files that name an address.</summary>
    internal static IReadOnlyList<string> Files { get; } = ["/etc/docker/plugins", "/usr/lib/docker/plugins"];

    /// <summary>The address of a plugin.</summary>
    /// <param name="name">Its name, a word.</param>
    /// <param name="sockets">The directory of sockets.</param>
    /// <param name="files">The directories of files.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Internal"/>: there is none of that name, or its file cannot be used.</exception>
    internal static EndPoint Find(string name, string sockets, IReadOnlyList<string> files)
    {
        // The name of a managed plugin, which is not installed: it must not lead anywhere else.
        if (name.Contains('/') || name.Contains(':'))
            throw new EngineException(ErrorKind.Internal, $"plugin '{name}' not found: no managed plugin of that name is installed");
        foreach (var path in new[] { Path.Combine(sockets, $"{name}.sock"), Path.Combine(sockets, name, $"{name}.sock") })
        {
            if (File.Exists(path))
                return new UnixDomainSocketEndPoint(path);
        }

        foreach (var file in files.Select(directory => Path.Combine(directory, $"{name}.spec")).Where(File.Exists))
        {
            var url = File.ReadAllText(file).Trim();
            if (url.StartsWith("unix:///", StringComparison.Ordinal))
                return new UnixDomainSocketEndPoint(url["unix://".Length..]);
            if (url.StartsWith("tcp://", StringComparison.Ordinal) && IPEndPoint.TryParse(url["tcp://".Length..].Replace("localhost", "127.0.0.1", StringComparison.Ordinal), out var address))
                return address;
            throw new EngineException(ErrorKind.Internal, $"plugin '{name}': '{file}' holds '{url}': expected unix:///path or tcp://address:port");
        }

        throw new EngineException(ErrorKind.Internal, $"plugin '{name}' not found: neither a socket in '{sockets}' nor a '{name}.spec' in {string.Join(" or ", files.Select(f => $"'{f}'"))}");
    }
}
