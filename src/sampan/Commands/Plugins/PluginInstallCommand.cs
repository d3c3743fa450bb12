using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Registries;
using Sampan.Cli.Requests;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Plugins;

namespace Sampan.Cli.Commands.Plugins;

/// <summary>plugin install and upgrade: what a plugin asks for is shown, and granted or not.</summary>
internal static class PluginInstallCommand
{
    private static readonly Option<string> s_alias = Option.Text("alias", null, "string", "Name of the plugin here");
    private static readonly Option<bool> s_disable = Option.Flag("disable", null, "Don't enable it");
    private static readonly Option<bool> s_grant = Option.Flag("grant-all-permissions", null, "Grant what the plugin asks for without being asked");
    private static readonly Option<bool> s_skipCheck = Option.Flag("skip-remote-check", null, "Don't ask if the other version is of another repository");

    public static Command Install { get; } = new()
    {
        Name = "install",
        Summary = "Install a plugin from a registry",
        Details = "What it asks for of this machine is shown first, and has to be granted.",
        Arguments = "PLUGIN [KEY=VALUE...]",
        MinWords = 1,
        Options = [s_alias, s_disable, CreateOptions.DisableContentTrust, s_grant],
        Run = InstallAsync,
    };

    public static Command Upgrade { get; } = new()
    {
        Name = "upgrade",
        Summary = "Replace a disabled plugin by another version",
        Details = "Its settings stay where the other version has them. What that asks for has to be granted anew.",
        Arguments = "PLUGIN [REMOTE]",
        MinWords = 1,
        MaxWords = 2,
        Options = [CreateOptions.DisableContentTrust, s_grant, s_skipCheck],
        Completes = Candidates.DisabledPlugins,
        Run = UpgradeAsync,
    };

    private static async Task<int> InstallAsync(Invocation call)
    {
        string remote = call.Words[0];
        string? alias = call.Given(s_alias);
        if (alias?.Contains('@') == true) throw new CommandException($"invalid name: {alias}");
        string? auth = RegistryAuth.ForImage(call, remote);
        var granted = await GrantAsync(call, remote, auth, "installing").ConfigureAwait(false);
        var messages = await call.Client.PullPluginAsync(remote, alias, granted, auth, call.Cancelled).ConfigureAwait(false);
        await ProgressPrinter.PrintAsync(messages, call.Out, StandardIo.OutIsTerminal).ConfigureAwait(false);
        string name = alias ?? remote;
        if (call.Words.Count > 1)
        {
            try
            {
                await call.Client.SetPluginAsync(name, [.. call.Words.Skip(1)], call.Cancelled).ConfigureAwait(false);
            }
            catch (DockerApiException)
            {
                // It was not to be installed as it is.
                await call.Client.RemovePluginAsync(name, force: true, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }
        if (!call.Get(s_disable)) await call.Client.EnablePluginAsync(name, 0, call.Cancelled).ConfigureAwait(false);
        call.Out.WriteLine($"Installed plugin {remote}");
        return 0;
    }

    private static async Task<int> UpgradeAsync(Invocation call)
    {
        var plugin = await call.Client.InspectPluginAsync(call.Words[0], call.Cancelled).ConfigureAwait(false);
        if (plugin.Enabled) throw new CommandException("the plugin must be disabled before upgrading");
        string old = plugin.PluginReference ?? plugin.Name;
        string remote = call.Words.Count > 1 ? call.Words[1] : old;
        if (!call.Get(s_skipCheck) && Repository(remote) != Repository(old)
            && !call.Confirm($"Plugin images do not match: {plugin.Name} is of {Repository(old)}, {remote} is not.")) throw new CommandException("plugin upgrade has been cancelled");
        call.Out.WriteLine($"Upgrading plugin {plugin.Name} from {old} to {remote}");
        string? auth = RegistryAuth.ForImage(call, remote);
        var granted = await GrantAsync(call, remote, auth, "upgrading").ConfigureAwait(false);
        var messages = await call.Client.UpgradePluginAsync(call.Words[0], remote, granted, auth, call.Cancelled).ConfigureAwait(false);
        await ProgressPrinter.PrintAsync(messages, call.Out, StandardIo.OutIsTerminal).ConfigureAwait(false);
        call.Out.WriteLine($"Upgraded plugin {plugin.Name} to {remote}");
        return 0;
    }

    private static async Task<IReadOnlyList<PluginPrivilege>> GrantAsync(Invocation call, string remote, string? auth, string doing)
    {
        var asked = await call.Client.ReadPluginPrivilegesAsync(remote, auth, call.Cancelled).ConfigureAwait(false);
        if (asked.Count == 0 || call.Get(s_grant)) return asked;
        string list = string.Concat(asked.Select(privilege => $"\n - {Texts.Plain(privilege.Name ?? "")}: [{Texts.Plain(string.Join(' ', privilege.Value ?? []))}]"));
        return call.Confirm($"Plugin \"{remote}\" is requesting the following privileges:{list}", "Do you grant the above permissions?")
            ? asked
            : throw new CommandException($"permission denied while {doing} plugin {remote}");
    }

    private static string Repository(string reference)
    {
        string full = RegistryName.Full(reference);
        int digest = full.IndexOf('@');
        if (digest >= 0) full = full[..digest];
        int colon = full.LastIndexOf(':');
        return colon > full.LastIndexOf('/') ? full[..colon] : full;
    }
}
