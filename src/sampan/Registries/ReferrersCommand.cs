using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Registries;

/// <summary>image referrers: what is attached to an image at its registry.</summary>
internal static class ReferrersCommand
{
    private const string CreatedAnnotation = "org.opencontainers.image.created";

    private static readonly Option<string> s_type = Option.Text("artifact-type", null, "string", "Only what is of this kind");
    private static readonly Option<string> s_format = new("format", null, "string", "'json': everything as JSON", "", static (_, text) => text) { Choices = ["json"] };

    public static Command Command { get; } = new()
    {
        Name = "referrers",
        Summary = "List what is attached to an image at its registry: signatures, lists of parts, statements",
        Arguments = "NAME[:TAG|@DIGEST]",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_type, s_format],
        Completes = Candidates.Images,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        string name = call.Words[0];
        var list = await call.Client.ReferrersAsync(name, call.Given(s_type), RegistryAuth.ForImage(call, name), call.Cancelled).ConfigureAwait(false);
        if (call.Given(s_format) is { } format)
        {
            if (format != "json") throw new CommandException($"unknown format '{format}': only 'json' is known");
            call.Out.WriteLine(JsonSerializer.Serialize(list, StoreJson.Wire.ReferrerList));
            return 0;
        }
        var rows = list.Referrers.Select(Row).Prepend(["DIGEST", "KIND", "SIZE", "CREATED"]);
        call.Out.Write(TabWriter.Align(string.Concat(rows.Select(row => string.Join('\t', row) + "\n"))));
        return 0;
    }

    private static string[] Row(OciDescriptor referrer) =>
    [
        referrer.Digest, referrer.ArtifactType is { Length: > 0 } kind ? kind : referrer.MediaType, HumanSize.Short(referrer.Size),
        referrer.Annotations?.GetValueOrDefault(CreatedAnnotation) ?? "",
    ];
}
