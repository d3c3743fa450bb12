using System.Text.Json;
using Sampan.DockerApi.Plugins;

namespace Sampan.Cli.Audit;

/// <summary>Section 5 of the CIS Docker Benchmark for managed plugins: each is a container with what it was granted. Pure.</summary>
internal static class PluginAudit
{
    private const string Fix = "disable it, unless what it does is worth that";

    /// <summary>The findings.</summary>
    public static IEnumerable<AuditFinding> Of(PluginInspect plugin, HostPaths paths)
    {
        string subject = $"plugin {plugin.Name}";
        var linux = Member(plugin.Config, "Linux");
        var capabilities = Items(linux, "Capabilities").Select(one => one.ToString()).ToList();
        var sources = Items(plugin.Settings, "Mounts").Select(mount => Member(mount, "Source").ToString()).Where(source => source.Length > 0).ToList();
        var directories = sources.Where(paths.IsOfHost).ToList();
        var sockets = sources.Where(paths.HasSocket).ToList();
        var devices = Items(plugin.Settings, "Devices").Select(device => Member(device, "Path").ToString()).Concat(Is(linux, "AllowAllDevices") ? ["all"] : []).ToList();
        yield return AuditFinding.Of("5.4", subject, capabilities.Count == 0, "has no capabilities beyond the default", $"has further capabilities: {string.Join(", ", capabilities)}", Fix);
        yield return AuditFinding.Of("5.6", subject, directories.Count == 0, "mounts no system directory of the host", $"mounts system directories of the host: {string.Join(", ", directories)}", Fix);
        yield return AuditFinding.Of("5.10", subject, Member(Member(plugin.Config, "Network"), "Type").ToString() != "host", "has a network of its own", "is in the host's network", Fix);
        yield return AuditFinding.Of("5.16", subject, !Is(plugin.Config, "PidHost"), "sees its own processes only", "sees the host's processes", Fix);
        yield return AuditFinding.Of("5.17", subject, !Is(plugin.Config, "IpcHost"), "has shared memory of its own", "shares the host's memory segments", Fix);
        yield return AuditFinding.Of("5.18", subject, devices.Count == 0, "has no devices of the host", $"has devices of the host: {string.Join(", ", devices)}", Fix);
        yield return AuditFinding.Of("5.32", subject, sockets.Count == 0, "has no engine's socket", $"has an engine's socket, and so the host: {string.Join(", ", sockets)}", Fix);
    }

    private static JsonElement Member(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : default;

    private static IEnumerable<JsonElement> Items(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static bool Is(JsonElement of, string name) => Member(of, name).ValueKind == JsonValueKind.True;
}
