using System.Globalization;
using System.Text;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.Cli.Templates;
using Sampan.DockerApi;
using Sampan.DockerApi.Engines;

namespace Sampan.Cli.Commands.Engine;

/// <summary>info.</summary>
internal static class InfoCommand
{
    private static readonly Option<string> s_format = InspectPrinter.Format();

    public static Command Command { get; } = new()
    {
        Name = "info",
        Summary = "Display system-wide information",
        Aliases = ["system info", "info"],
        MaxWords = 0,
        Options = [s_format],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        string format = call.Get(s_format);
        byte[] json = await call.Client.GetInfoJsonAsync(call.Cancelled).ConfigureAwait(false);
        if (format.Length == 0)
        {
            var info = JsonSerializer.Deserialize(json, DockerApiJson.Wire.SystemInfo) ?? new SystemInfo();
            call.Out.Write(Text(info));
            call.Io.Flush();
            foreach (string warning in info.Warnings ?? []) call.Error.WriteLine(warning);
            return 0;
        }
        using var document = JsonDocument.Parse(json);
        var template = ListFormat.Parse(format == "json" ? "{{json .}}" : format, 64);
        try
        {
            call.Out.WriteLine(TypedJson.Fill(template, document.RootElement, static () => DockerApiJson.Wire.SystemInfo));
        }
        catch (TemplateException e)
        {
            throw new CommandException("template parsing error: " + e.Message);
        }
        return 0;
    }

    private static string Text(SystemInfo info)
    {
        var text = new StringBuilder();
        text.Append("Client: Sampan\n").Append(CultureInfo.InvariantCulture, $" Version:    {ProductVersion.Text}\n\nServer:\n");
        void Line(string name, object? value, int indent = 1) => text.Append(' ', indent).Append(name).Append(": ").Append(Convert.ToString(value, CultureInfo.InvariantCulture)).Append('\n');
        void Given(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) Line(name, value);
        }
        Line("Containers", info.Containers);
        Line("Running", info.ContainersRunning, 2);
        Line("Paused", info.ContainersPaused, 2);
        Line("Stopped", info.ContainersStopped, 2);
        Line("Images", info.Images);
        Given("Server Version", info.ServerVersion);
        Given("Storage Driver", info.Driver);
        foreach (var pair in info.DriverStatus ?? []) Line(pair[0], pair.ElementAtOrDefault(1), 2);
        Given("Logging Driver", info.LoggingDriver);
        Given("Cgroup Driver", info.CgroupDriver);
        Given("Cgroup Version", info.CgroupVersion);
        text.Append(" Plugins:\n");
        Line("Volume", string.Join(' ', info.Plugins?.Volume ?? []), 2);
        Line("Network", string.Join(' ', info.Plugins?.Network ?? []), 2);
        Line("Log", string.Join(' ', info.Plugins?.Log ?? []), 2);
        Line("Swarm", info.Swarm?.LocalNodeState is { Length: > 0 } state ? state : "inactive");
        Line("Runtimes", string.Join(' ', (info.Runtimes ?? new Dictionary<string, RuntimeInfo>(StringComparer.Ordinal)).Keys.Order(StringComparer.Ordinal)));
        Given("Default Runtime", info.DefaultRuntime);
        Given("Init Binary", info.InitBinary);
        if (info.SecurityOptions is { Count: > 0 } security)
        {
            text.Append(" Security Options:\n");
            foreach (string option in security)
            {
                var fields = option.Split(',').Select(f => f.Split('=', 2)).ToList();
                text.Append("  ").Append(fields.FirstOrDefault(f => f[0] == "name")?.ElementAtOrDefault(1) ?? option).Append('\n');
                foreach (var field in fields.Where(f => f[0] != "name" && f.Length == 2)) Line(char.ToUpperInvariant(field[0][0]) + field[0][1..], field[1], 3);
            }
        }
        Given("Kernel Version", info.KernelVersion);
        Given("Operating System", info.OperatingSystem);
        Given("OSType", info.OSType);
        Given("Architecture", info.Architecture);
        Line("CPUs", info.NCPU);
        Line("Total Memory", HumanSize.Binary(info.MemTotal));
        Given("Name", info.Name);
        Given("ID", info.ID);
        Given("Docker Root Dir", info.DockerRootDir);
        Line("Debug Mode", info.Debug ? "true" : "false");
        Line("Experimental", info.ExperimentalBuild ? "true" : "false");
        if (info.FirewallBackend is { } firewall) Line("Firewall Backend", firewall.Driver);
        Line("Live Restore Enabled", info.LiveRestoreEnabled ? "true" : "false");
        return text.ToString();
    }
}
