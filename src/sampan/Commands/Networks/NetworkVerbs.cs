using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Networks;

namespace Sampan.Cli.Commands.Networks;

/// <summary>network ls, inspect, create, rm, connect, disconnect, prune.</summary>
internal static class NetworkVerbs
{
    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Show only what matches: dangling, driver, id, label, name, scope, type");
    private static readonly Option<string> s_format = ListFormat.Option();
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't shorten anything");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show ids only");
    private static readonly Option<bool> s_force = Option.Flag("force", 'f', "Don't fail if it doesn't exist");
    private static readonly Option<bool> s_disconnectForce = Option.Flag("force", 'f', "Disconnect even if the container can't be found");
    private static readonly Option<IReadOnlyList<string>> s_alias = Option.CommaList("alias", null, "strings", "Further name on the network");
    private static readonly Option<IReadOnlyList<string>> s_driverOpt = Option.CommaList("driver-opt", null, "strings", "Driver option of the endpoint (name=value)");
    private static readonly Option<long?> s_priority = Option.Number("gw-priority", null, "The highest priority gives the default gateway");
    private static readonly Option<string> s_ip = Option.Text("ip", null, "string", "IPv4 address");
    private static readonly Option<string> s_ip6 = Option.Text("ip6", null, "string", "IPv6 address");
    private static readonly Option<IReadOnlyList<string>> s_link = Option.List("link", null, "list", "Add a link to another container");
    private static readonly Option<IReadOnlyList<string>> s_linkLocal = Option.CommaList("link-local-ip", null, "strings", "Link-local address");
    private static readonly Option<IReadOnlyList<string>> s_pruneFilter = FilterOption.New("Remove only what matches (until=…)", letter: false);
    private static readonly Option<bool> s_yes = Option.Flag("force", 'f', "Don't ask");

    public static Command Group { get; } = new()
    {
        Name = "network",
        Summary = "Manage networks",
        Subcommands =
        [
            new() { Name = "connect", Summary = "Connect a container to a network", Arguments = "NETWORK CONTAINER", MinWords = 2, MaxWords = 2, Options = [s_alias, s_driverOpt, s_priority, s_ip, s_ip6, s_link, s_linkLocal], Completes = Candidates.Networks, Run = ConnectAsync },
            NetworkCreate.Command,
            new() { Name = "disconnect", Summary = "Disconnect a container from a network", Arguments = "NETWORK CONTAINER", MinWords = 2, MaxWords = 2, Options = [s_disconnectForce], Completes = Candidates.Networks, Run = DisconnectAsync },
            new() { Name = "exposure", Summary = "Show which port of which container is reachable from where, and why", MaxWords = 0, Options = [s_format], Run = ExposureAsync },
            InspectCommand.Network,
            new() { Name = "ls", OtherNames = ["list"], Summary = "List networks", Aliases = ["network ls", "network list"], MaxWords = 0, Options = [s_filter, s_format, s_noTrunc, s_quiet], Run = ListAsync },
            new() { Name = "prune", Summary = "Remove all unused networks", MaxWords = 0, Options = [s_pruneFilter, s_yes], Run = PruneAsync },
            new() { Name = "rm", OtherNames = ["remove"], Summary = "Remove one or more networks", Aliases = ["network rm", "network remove"], Arguments = "NETWORK [NETWORK...]", MinWords = 1, Options = [s_force], Completes = Candidates.Networks, Run = RemoveAsync },
        ],
    };

    private static async Task<int> ListAsync(Invocation call)
    {
        var networks = await call.Client.ListNetworksAsync(FilterOption.Read(call, s_filter), call.Cancelled).ConfigureAwait(false);
        bool full = call.Get(s_noTrunc);
        var shape = new RowShape<NetworkInspect>("network",
        [
            new("ID", "NETWORK ID", n => full ? n.Id : Texts.ShortId(n.Id)),
            new("Name", "NAME", n => n.Name),
            new("Driver", "DRIVER", n => n.Driver),
            new("Scope", "SCOPE", n => n.Scope),
            new("IPv4", "IPV4", n => n.EnableIPv4 ? "true" : "false"),
            new("IPv6", "IPV6", n => n.EnableIPv6 ? "true" : "false"),
            new("Internal", "INTERNAL", n => n.Internal ? "true" : "false"),
            new("Labels", "LABELS", n => Texts.Labels(n.Labels)),
            new("Label", "LABEL", _ => "") { WithArgument = (n, name) => n.Labels?.GetValueOrDefault(name) ?? "" },
            new("CreatedAt", "CREATED AT", n => HumanTime.Parse(n.Created) is { } created ? HumanTime.Stamp(created, call.Time) : n.Created),
        ]);
        ListFormat.Write(call.Out, call.ListFormat(s_format, "networksFormat", call.Get(s_quiet)), shape, networks.OrderBy(n => n.Name, StringComparer.Ordinal), "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}", call.Get(s_quiet) ? "{{.ID}}" : null);
        return 0;
    }

    private static async Task<int> ExposureAsync(Invocation call)
    {
        IReadOnlyList<ExposureEntry> lines;
        try
        {
            lines = await call.Client.NetworkExposureAsync(call.Cancelled).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            throw new CommandException("this engine does not tell what is exposed: 'network exposure' needs sampand", 1, e);
        }
        var shape = new RowShape<ExposureEntry>("exposure",
        [
            new("Container", "CONTAINER", e => e.Container),
            new("Network", "NETWORK", e => e.Network),
            new("Port", "PORT", e => e.Port),
            new("At", "AT", e => e.At),
            new("From", "REACHABLE FROM", e => e.From),
            new("Why", "WHY", e => e.Why),
        ]);
        ListFormat.Write(call.Out, call.Get(s_format), shape, lines, "{{.Container}}\t{{.Network}}\t{{.Port}}\t{{.At}}\t{{.From}}\t{{.Why}}", null);
        return 0;
    }

    private static async Task<int> RemoveAsync(Invocation call)
    {
        int code = await call.EachAsync(call.Words, async name =>
        {
            try
            {
                await call.Client.RemoveNetworkAsync(name, call.Cancelled).ConfigureAwait(false);
                call.Out.WriteLine(name);
            }
            catch (DockerApiException e) when (e.IsNotFound && call.Get(s_force))
            {
                // --force: what isn't there needs no removal.
            }
        }).ConfigureAwait(false);
        return code == 0 ? 0 : throw new CommandException("exit status 1");
    }

    private static async Task<int> ConnectAsync(Invocation call)
    {
        bool addresses = call.IsSet(s_ip) || call.IsSet(s_ip6) || call.IsSet(s_linkLocal);
        var options = call.Get(s_driverOpt).Select(o => o.Split('=', 2)).ToList();
        if (options.Any(o => o.Length < 2)) throw new CommandException("invalid key/value pair format in driver options");
        await call.Client.ConnectNetworkAsync(call.Words[0], new NetworkConnectRequest
        {
            Container = call.Words[1],
            EndpointConfig = new EndpointSettings
            {
                Aliases = call.Get(s_alias) is { Count: > 0 } aliases ? aliases : null,
                Links = call.Get(s_link) is { Count: > 0 } links ? links : null,
                DriverOpts = options.Count > 0 ? options.ToDictionary(o => o[0], o => o[1], StringComparer.Ordinal) : null,
                GwPriority = call.Get(s_priority) ?? 0,
                IPAMConfig = addresses ? new EndpointIpamConfig { IPv4Address = call.Given(s_ip), IPv6Address = call.Given(s_ip6), LinkLocalIPs = call.Get(s_linkLocal) is { Count: > 0 } local ? local : null } : null,
            },
        }, call.Cancelled).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> DisconnectAsync(Invocation call)
    {
        await call.Client.DisconnectNetworkAsync(call.Words[0], new NetworkDisconnectRequest { Container = call.Words[1], Force = call.Get(s_disconnectForce) }, call.Cancelled).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> PruneAsync(Invocation call)
    {
        if (!call.Get(s_yes) && !call.Confirm("WARNING! This will remove all custom networks not used by at least one container.")) return 0;
        var report = await call.Client.PruneNetworksAsync(FilterOption.Read(call, s_pruneFilter), call.Cancelled).ConfigureAwait(false);
        if (report.NetworksDeleted is { Count: > 0 } deleted) call.Out.WriteLine("Deleted Networks:\n" + string.Join('\n', deleted) + "\n");
        return 0;
    }
}
