using System.Net;
using System.Text;
using Sampan.Engine.Containers.Endpoints;

namespace Sampan.Engine.Containers.Files;

/// <summary>The texts of <c>/etc/hostname</c>, <c>/etc/hosts</c> and <c>/etc/resolv.conf</c>, as Docker makes them. Pure but for <see cref="Write"/>.</summary>
internal static class ContainerFiles
{
    private static readonly string[] FallbackServers = ["8.8.8.8", "8.8.4.4"];

    /// <summary>Name lookups inside.</summary>
    /// <param name="endpoints">Where the container is.</param>
    /// <param name="hostname">Its name.</param>
    /// <param name="domainname">What comes after the first dot; null: nothing.</param>
    /// <param name="extra">The user's lines, <c>name:address</c>.</param>
    /// <param name="hostGateway">What <c>host-gateway</c> means; null: there is none.</param>
    /// <param name="links">Lines about containers that it is linked to.</param>
    public static string Hosts(IReadOnlyList<EndpointSnapshot> endpoints, string hostname, string? domainname, IReadOnlyList<string> extra, string? hostGateway, IReadOnlyList<string>? links = null)
    {
        var text = new StringBuilder();
        text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
        AppendExtra(text, extra, hostGateway);
        foreach (var line in links ?? [])
            text.Append(line).Append('\n');
        foreach (var address in endpoints.SelectMany(e => new[] { e.Address, e.Address6 }).OfType<string>())
            text.Append(address).Append('\t').Append(OwnNames(hostname, domainname)).Append('\n');
        return text.ToString();
    }

    // The whole name and its first part, whether the user gave it in one piece (--hostname web.example.org) or in two.
    private static string OwnNames(string hostname, string? domainname)
    {
        var whole = string.IsNullOrEmpty(domainname) ? hostname : $"{hostname}.{domainname}";
        return whole.IndexOf('.') is > 0 and var dot ? $"{whole} {whole[..dot]}" : whole;
    }

    /// <summary>The host's own file with the user's lines, for containers in the host's network.</summary>
    public static string HostNetworkHosts(string hostFile, IReadOnlyList<string> extra)
    {
        var text = new StringBuilder(hostFile);
        if (hostFile.Length > 0 && !hostFile.EndsWith('\n'))
            text.Append('\n');
        AppendExtra(text, extra, "127.0.0.1");
        return text.ToString();
    }

    /// <summary>
    /// The resolver's configuration: the user's wishes, else the host's. Loopback servers of the host cannot be reached from another
    /// network namespace, so they are left out; if none remains, Docker's public ones are used.
    /// </summary>
    /// <param name="hostFile">The host's resolv.conf.</param>
    /// <param name="wish">The user's wishes.</param>
    /// <param name="defaults">The engine's servers; empty: the host's.</param>
    /// <param name="ownNetwork">The container is not in the host's network.</param>
    public static string Resolver(string hostFile, NetworkWish wish, IReadOnlyList<string> defaults, bool ownNetwork)
    {
        var lines = Lines(hostFile);
        IReadOnlyList<string> servers = wish.Dns.Count > 0 ? wish.Dns : defaults;
        if (servers.Count == 0)
        {
            servers = [.. lines.Where(w => w[0] == "nameserver").Select(w => w[1])];
            if (ownNetwork)
                servers = [.. servers.Where(s => !IsLoopback(s))];
            if (servers.Count == 0 && ownNetwork)
                servers = FallbackServers;
        }

        return Resolver(servers, Search(lines, wish), Options(lines, wish));
    }

    /// <summary>The resolver's configuration on networks with names: the engine's resolver alone, which asks the others. Names without a dot are asked as they are first, since containers have such names.</summary>
    /// <param name="hostFile">The host's resolv.conf.</param>
    /// <param name="wish">The user's wishes.</param>
    public static string OwnResolver(string hostFile, NetworkWish wish)
    {
        var lines = Lines(hostFile);
        var options = Options(lines, wish);
        return Resolver(["127.0.0.11"], Search(lines, wish), options.Any(o => o.StartsWith("ndots:", StringComparison.Ordinal)) ? options : [.. options, "ndots:0"]);
    }

    private static List<string[]> Lines(string file) =>
        [.. file.Split('\n').Select(l => l.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 1)];

    private static IReadOnlyList<string> Search(List<string[]> lines, NetworkWish wish) =>
        wish.DnsSearch.Count > 0 ? wish.DnsSearch : [.. lines.LastOrDefault(w => w[0] == "search")?.Skip(1) ?? []];

    private static IReadOnlyList<string> Options(List<string[]> lines, NetworkWish wish) =>
        wish.DnsOptions.Count > 0 ? wish.DnsOptions : [.. lines.Where(w => w[0] == "options").SelectMany(w => w.Skip(1))];

    private static string Resolver(IReadOnlyList<string> servers, IReadOnlyList<string> search, IReadOnlyList<string> options)
    {
        var text = new StringBuilder();
        foreach (var server in servers)
            text.Append("nameserver ").Append(server).Append('\n');
        // A lone dot says that the user wants no search domain at all.
        if (search.Count > 0 && search is not ["."])
            text.Append("search ").AppendJoin(' ', search).Append('\n');
        if (options.Count > 0)
            text.Append("options ").AppendJoin(' ', options).Append('\n');
        return text.ToString();
    }

    /// <summary>Writes one of the files: in place, so that a mount of it stays valid; they are made anew at each start, nothing is lost by a crash.</summary>
    public static void Write(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        });
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private static void AppendExtra(StringBuilder text, IReadOnlyList<string> extra, string? hostGateway)
    {
        foreach (var line in extra)
        {
            var colon = line.IndexOf(':');
            var address = line[(colon + 1)..];
            if (address == "host-gateway")
                address = hostGateway ?? throw EngineException.Invalid("'host-gateway' has no meaning without a network: use an address in --add-host");
            text.Append(address).Append('\t').Append(line, 0, colon).Append('\n');
        }
    }

    private static bool IsLoopback(string server) => IPAddress.TryParse(server, out var address) && IPAddress.IsLoopback(address);
}
