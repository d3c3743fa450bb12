using Sampan.Cli.Arguments;
using Sampan.DockerApi.Networks;

namespace Sampan.Cli.Commands.Networks;

/// <summary>network create.</summary>
internal static class NetworkCreate
{
    private static readonly Option<bool> s_attachable = Option.Flag("attachable", null, "Let containers join a swarm network by hand");
    private static readonly Option<IReadOnlyDictionary<string, string>> s_aux = Option.Map("aux-address", null, "map", "Addresses that are taken (name=address)");
    private static readonly Option<string> s_configFrom = Option.Text("config-from", null, "string", "Take the configuration of this network");
    private static readonly Option<bool> s_configOnly = Option.Flag("config-only", null, "Make a configuration, not a network");
    private static readonly Option<string> s_driver = new("driver", 'd', "string", "Driver of the network", "bridge", static (_, t) => t) { DefaultText = "\"bridge\"" };
    private static readonly Option<IReadOnlyList<string>> s_gateway = Option.CommaList("gateway", null, "strings", "Gateway of a subnet");
    private static readonly Option<bool> s_ingress = Option.Flag("ingress", null, "Make the swarm's routing-mesh network");
    private static readonly Option<bool> s_internal = Option.Flag("internal", null, "No way out of the network");
    private static readonly Option<IReadOnlyList<string>> s_ipRange = Option.CommaList("ip-range", null, "strings", "Part of a subnet that addresses are taken from");
    private static readonly Option<string> s_ipamDriver = new("ipam-driver", null, "string", "Address driver", "default", static (_, t) => t) { DefaultText = "\"default\"" };
    private static readonly Option<IReadOnlyDictionary<string, string>> s_ipamOpt = Option.Map("ipam-opt", null, "map", "Option of the address driver (name=value)");
    private static readonly Option<bool> s_ipv4 = Option.Flag("ipv4", null, "Give IPv4 addresses", initial: true);
    private static readonly Option<bool> s_ipv6 = Option.Flag("ipv6", null, "Give IPv6 addresses");
    private static readonly Option<IReadOnlyList<string>> s_label = Option.List("label", null, "list", "Set a label (name=value)");
    private static readonly Option<IReadOnlyDictionary<string, string>> s_opt = Option.Map("opt", 'o', "map", "Option of the driver (name=value)");
    private static readonly Option<string> s_scope = Option.Text("scope", null, "string", "Scope of the network");
    private static readonly Option<IReadOnlyList<string>> s_subnet = Option.CommaList("subnet", null, "strings", "Subnet as CIDR");

    public static Command Command { get; } = new()
    {
        Name = "create",
        Summary = "Create a network",
        Arguments = "NETWORK",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_attachable, s_aux, s_configFrom, s_configOnly, s_driver, s_gateway, s_ingress, s_internal, s_ipRange, s_ipamDriver, s_ipamOpt, s_ipv4, s_ipv6, s_label, s_opt, s_scope, s_subnet],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var subnets = call.Get(s_subnet);
        var configuration = SubnetFlags.Combine(call.Get(s_subnet), call.Get(s_ipRange), call.Get(s_gateway), call.Get(s_aux));
        Dictionary<string, string> labels;
        try
        {
            labels = Requests.SettingFiles.Labels([], call.Get(s_label));
        }
        catch (FormatException e)
        {
            throw new CommandException(e.Message, 1, e);
        }
        var created = await call.Client.CreateNetworkAsync(new NetworkCreateRequest
        {
            Name = call.Words[0],
            Driver = call.Get(s_driver),
            Scope = call.Get(s_scope),
            EnableIPv4 = call.IsSet(s_ipv4) ? call.Get(s_ipv4) : null,
            EnableIPv6 = call.IsSet(s_ipv6) ? call.Get(s_ipv6) : null,
            Internal = call.Get(s_internal),
            Attachable = call.Get(s_attachable),
            Ingress = call.Get(s_ingress),
            ConfigOnly = call.Get(s_configOnly),
            ConfigFrom = call.Given(s_configFrom) is { } from ? new ConfigReference { Network = from } : null,
            Options = call.Get(s_opt),
            Labels = labels,
            IPAM = new Ipam
            {
                Driver = call.Get(s_ipamDriver),
                Options = call.Get(s_ipamOpt),
                Config = configuration,
            },
        }, call.Cancelled).ConfigureAwait(false);
        if (created.Warning.Length > 0) call.Error.WriteLine($"WARNING: {created.Warning}");
        call.Out.WriteLine(created.Id);
        return 0;
    }
}
