using System.Net;

namespace Sampan.Network.Dns;

/// <summary>The host's own resolvers, as its resolv.conf says now. Any thread may ask.</summary>
internal sealed class HostResolvers(string path, TimeProvider time)
{
    private const int Port = 53;
    private const int Most = 3;
    private const int MaxBytes = 65536;
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private IReadOnlyList<IPEndPoint> _servers = [];
    private DateTime _written;
    private long? _looked;

    /// <summary>The servers, at most three as in resolv.conf(5); looked up again when the file changes.</summary>
    internal IReadOnlyList<IPEndPoint> Servers
    {
        get
        {
            lock (_gate)
            {
                if (_looked is { } looked && time.GetElapsedTime(looked) < s_fresh)
                    return _servers;
                _looked = time.GetTimestamp();
                var file = new FileInfo(path);
                if (file.Exists && file.LastWriteTimeUtc == _written)
                    return _servers;
                _written = file.Exists ? file.LastWriteTimeUtc : default;
                _servers = file is { Exists: true, Length: <= MaxBytes } ? Parse(File.ReadAllText(path)) : [];
                return _servers;
            }
        }
    }

    /// <summary>Reads the <c>nameserver</c> lines of <see href="https://man7.org/linux/man-pages/man5/resolv.conf.5.html">resolv.conf(5)</see>.</summary>
    internal static IReadOnlyList<IPEndPoint> Parse(string text) =>
    [
        .. text.Split('\n')
            .Select(l => l.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w.Length >= 2 && w[0] == "nameserver")
            .Select(w => IPAddress.TryParse(w[1], out var address) ? new IPEndPoint(address, Port) : null)
            .OfType<IPEndPoint>()
            .Take(Most),
    ];
}
