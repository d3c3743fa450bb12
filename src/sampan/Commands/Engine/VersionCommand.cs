using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Tables;
using Sampan.Cli.Templates;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Engines;

namespace Sampan.Cli.Commands.Engine;

/// <summary>version: of the client, and of the engine and its parts.</summary>
internal static class VersionCommand
{
    private static readonly Option<string> s_format = InspectPrinter.Format();

    public static Command Command { get; } = new()
    {
        Name = "version",
        Summary = "Show the Sampan version information",
        MaxWords = 0,
        Options = [s_format, Option.Refused("kubeconfig", null, "string", "", "there is no Kubernetes behind it")],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        string format = call.Get(s_format);
        var template = format.Length == 0 ? null : ListFormat.Parse(format == "json" ? "{{json .}}" : format, 64);
        SystemVersion? server = null;
        DockerApiException? failure = null;
        try
        {
            server = await call.Client.GetVersionAsync(call.Cancelled).ConfigureAwait(false);
        }
        catch (DockerApiException e)
        {
            // The client's half is shown all the same; the failure follows it.
            failure = e;
        }
        string arch = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => "amd64", Architecture.Arm64 => "arm64", var other => other.ToString().ToLowerInvariant() };
        if (template is not null) call.Out.WriteLine(Fill(template, call, server, arch));
        else Print(call, server, arch);
        if (failure is not null) throw failure;
        return 0;
    }

    private static void Print(Invocation call, SystemVersion? server, string arch)
    {
        var text = new StringBuilder();
        text.Append("Client: Sampan\n").Append(Row(" ", "Version", ProductVersion.Text)).Append(Row(" ", "API version", call.Client.Version.ToString())).Append(Row(" ", "OS/Arch", $"linux/{arch}"));
        if (server is not null)
        {
            text.Append($"\nServer: {server.Platform?.Name}\n");
            foreach (var component in server.Components ?? [])
            {
                text.Append($" {component.Name}:\n").Append(Row("  ", "Version", component.Version));
                foreach (var (name, value) in (component.Details ?? new Dictionary<string, string>(StringComparer.Ordinal)).Where(d => d.Value.Length > 0).OrderBy(d => d.Key, StringComparer.Ordinal))
                    text.Append(Row("  ", Title(name, value, out string shown), shown));
            }
        }
        call.Out.Write(text);
    }

    private static string Row(string indent, string name, string value) => $"{indent}{name + ":",-18} {value}\n";

    private static string Title(string name, string value, out string shown)
    {
        shown = value;
        return name switch { "ApiVersion" => "API version", "MinAPIVersion" => "Minimum API version", "GitCommit" => "Git commit", "GoVersion" => "Runtime version", "KernelVersion" => "Kernel version", "BuildTime" => "Built", _ => name };
    }

    private static string Fill(Template template, Invocation call, SystemVersion? server, string arch)
    {
        var client = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["Platform"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["Name"] = "Sampan" },
            ["Version"] = ProductVersion.Text,
            ["ApiVersion"] = call.Client.Version.ToString(),
            ["APIVersion"] = call.Client.Version.ToString(),
            ["DefaultAPIVersion"] = ApiVersion.Newest.ToString(),
            ["Os"] = "linux",
            ["Arch"] = arch,
        };
        object? engine = null;
        if (server is not null)
        {
            using var json = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(server, DockerApiJson.Wire.SystemVersion));
            // Docker's templates know the field by its name in Go as well.
            var fields = json.RootElement.Clone().EnumerateObject().ToDictionary(p => p.Name, p => TemplateValue.Of(p.Value), StringComparer.Ordinal);
            fields["APIVersion"] = server.ApiVersion;
            engine = fields;
        }
        try
        {
            return template.Fill(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Client"] = client, ["Server"] = engine });
        }
        catch (TemplateException e)
        {
            throw new CommandException("template parsing error: " + e.Message);
        }
    }
}
