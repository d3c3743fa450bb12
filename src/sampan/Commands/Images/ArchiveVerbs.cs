using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Registries;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands.Images;

/// <summary>load, save, import, pull: images on their way in and out.</summary>
internal static class ArchiveVerbs
{
    private static readonly Option<string> s_input = new("input", 'i', "string", "Read this file in place of stdin", "", static (_, t) => t) { Completes = Candidates.Files };
    private static readonly Option<string> s_output = new("output", 'o', "string", "Write to this file in place of stdout", "", static (_, t) => t) { Completes = Candidates.Files };
    private static readonly Option<string> s_platform = Option.Text("platform", null, "string", "Only this platform (os[/arch[/variant]])");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show less");
    private static readonly Option<IReadOnlyList<string>> s_change = Option.List("change", 'c', "list", "Apply a Dockerfile instruction (CMD, ENV, …) to the image");
    private static readonly Option<string> s_message = Option.Text("message", 'm', "string", "Message for the image's history");
    private static readonly Option<bool> s_referrers = Option.Flag("referrers", null, "Fetch also what is attached to it: signatures, lists of parts");
    private static readonly Option<bool> s_allPlatforms = Option.Flag("all-platforms", null, "Fetch the images for all platforms, and what belongs to them");
    private static readonly Option<bool> s_allTags = Option.Flag("all-tags", 'a', "Fetch all tags");

    public static Command Load { get; } = new()
    {
        Name = "load",
        Summary = "Load an image from a tar archive or STDIN",
        Aliases = ["image load", "load"],
        MaxWords = 0,
        Options = [s_input, s_platform, s_quiet],
        Run = LoadAsync,
    };

    public static Command Save { get; } = new()
    {
        Name = "save",
        Summary = "Save one or more images to a tar archive (streamed to STDOUT by default)",
        Aliases = ["image save", "save"],
        Arguments = "IMAGE [IMAGE...]",
        MinWords = 1,
        Options = [s_output, s_platform],
        Completes = Candidates.Images,
        Run = SaveAsync,
    };

    public static Command Import { get; } = new()
    {
        Name = "import",
        Summary = "Import the contents from a tarball to create a filesystem image",
        Aliases = ["image import", "import"],
        Arguments = "file|URL|- [REPOSITORY[:TAG]]",
        MinWords = 1,
        MaxWords = 2,
        Options = [s_change, s_message, s_platform],
        Completes = Candidates.Files,
        Run = ImportAsync,
    };

    public static Command Pull { get; } = new()
    {
        Name = "pull",
        Summary = "Download an image from a registry",
        Aliases = ["image pull", "pull"],
        Arguments = "NAME[:TAG|@DIGEST]",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_allPlatforms, s_allTags, Requests.CreateOptions.DisableContentTrust, s_platform, s_quiet, s_referrers],
        Completes = Candidates.Images,
        Run = PullAsync,
    };

    private static async Task<int> LoadAsync(Invocation call)
    {
        var archive = call.Given(s_input) is { } file ? Open(file)
            : StandardIo.InIsTerminal ? throw new CommandException("requested load from stdin, but stdin is empty")
            : call.Io.In;
        await using (archive.ConfigureAwait(false))
        {
            string? platform = call.Given(s_platform) is { } p ? PlatformJson.Write(p) : null;
            var messages = await call.Client.LoadImagesAsync(archive, call.Get(s_quiet) || !StandardIo.OutIsTerminal, platform, call.Cancelled).ConfigureAwait(false);
            await ProgressPrinter.PrintAsync(messages, call.Out, StandardIo.OutIsTerminal).ConfigureAwait(false);
        }
        return 0;
    }

    private static async Task<int> SaveAsync(Invocation call)
    {
        if (call.Given(s_output) is null && StandardIo.OutIsTerminal)
            throw new CommandException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
        string? platform = call.Given(s_platform) is { } p ? PlatformJson.Write(p) : null;
        var archive = await call.Client.SaveImagesAsync(call.Words, platform, call.Cancelled).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false)) await CopyOutAsync(call, archive, call.Given(s_output)).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> ImportAsync(Invocation call)
    {
        string source = call.Words[0];
        bool remote = source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal);
        var archive = remote ? null : source == "-" ? call.Io.In : Open(source);
        var (repository, tag) = call.Words.Count > 1 ? ImageName.Split(call.Words[1]) : ("", null);
        var request = new ImportRequest
        {
            Source = remote ? source : "-",
            Repository = repository,
            Tag = tag,
            Message = call.Given(s_message),
            Platform = call.Given(s_platform),
            Changes = call.Get(s_change),
        };
        try
        {
            await ProgressPrinter.PrintAsync(await call.Client.ImportImageAsync(request, archive, call.Cancelled).ConfigureAwait(false), call.Out, StandardIo.OutIsTerminal).ConfigureAwait(false);
        }
        finally
        {
            if (archive is not null) await archive.DisposeAsync().ConfigureAwait(false);
        }
        return 0;
    }

    private static async Task<int> PullAsync(Invocation call)
    {
        string name = call.Words[0];
        var (_, tag) = ImageName.Split(name);
        bool all = call.Get(s_allTags);
        if (all && tag is not null) throw new CommandException("tag can't be used with --all-tags/-a");
        if (call.Get(s_allPlatforms) && call.Given(s_platform) is not null) throw new CommandException("--platform can't be used with --all-platforms");
        bool quiet = call.Get(s_quiet);
        if (tag is null && !all && !quiet) call.Out.WriteLine("Using default tag: latest");
        await ImagePull.RunAsync(call, name, call.Get(s_allPlatforms) ? "all" : call.Given(s_platform), quiet ? TextWriter.Null : call.Out, all).ConfigureAwait(false);
        if (call.Get(s_referrers)) await ReferrersCommand.PullAsync(call, all ? name : ImageName.WithTag(name), quiet ? TextWriter.Null : call.Out).ConfigureAwait(false);
        // Docker's last line is the full name, for scripts.
        call.Out.WriteLine(RegistryName.Full(all ? name : ImageName.WithTag(name)));
        return 0;
    }

    /// <summary>To stdout, or to a file.</summary>
    internal static async Task CopyOutAsync(Invocation call, Stream archive, string? file)
    {
        if (file is null)
        {
            await archive.CopyToAsync(call.Io.OutStream, call.Cancelled).ConfigureAwait(false);
            return;
        }
        await OutputFile.WriteAsync(file, target => archive.CopyToAsync(target, call.Cancelled)).ConfigureAwait(false);
    }

    internal static FileStream Open(string file)
    {
        if (Directory.Exists(file)) throw new CommandException($"read {file}: is a directory");
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"open {file}: no such file or directory", 1, e);
        }
    }
}
