using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Registries;

/// <summary>image referrers: what is attached to an image; pull --referrers and push --referrers move it.</summary>
internal static class ReferrersCommand
{
    private const string CreatedAnnotation = "org.opencontainers.image.created";

    private static readonly Option<string> s_type = Option.Text("artifact-type", null, "string", "Only what is of this kind");
    private static readonly Option<bool> s_local = Option.Flag("local", null, "Only what was pulled along with the image and is here");
    private static readonly Option<string> s_format = new("format", null, "string", "'json': everything as JSON", "", static (_, text) => text) { Choices = ["json"] };

    public static Command Command { get; } = new()
    {
        Name = "referrers",
        Summary = "List what is attached to an image at its registry, or here: signatures, lists of parts, statements",
        Arguments = "NAME[:TAG|@DIGEST]",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_type, s_format, s_local],
        Completes = Candidates.Images,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        string name = call.Words[0];
        var list = await call.Client.ReferrersAsync(name, call.Given(s_type), call.Get(s_local), RegistryAuth.ForImage(call, name), call.Cancelled).ConfigureAwait(false);
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

    /// <summary>Fetches what is attached to an image that was just pulled.</summary>
    public static async Task PullAsync(Invocation call, string name, TextWriter progress) =>
        await ProgressPrinter.PrintAsync(await call.Client.PullReferrersAsync(name, RegistryAuth.ForImage(call, name), call.Cancelled).ConfigureAwait(false), progress, StandardIo.OutIsTerminal).ConfigureAwait(false);

    /// <summary>Sends what is attached to an image that was just pushed.</summary>
    public static async Task PushAsync(Invocation call, string name, TextWriter progress) =>
        await ProgressPrinter.PrintAsync(await call.Client.PushReferrersAsync(name, RegistryAuth.ForImage(call, name), call.Cancelled).ConfigureAwait(false), progress, StandardIo.OutIsTerminal).ConfigureAwait(false);

    private static string[] Row(OciDescriptor referrer) =>
    [
        referrer.Digest, referrer.ArtifactType is { Length: > 0 } kind ? kind : referrer.MediaType, HumanSize.Short(referrer.Size),
        referrer.Annotations?.GetValueOrDefault(CreatedAnnotation) ?? "",
    ];
}
