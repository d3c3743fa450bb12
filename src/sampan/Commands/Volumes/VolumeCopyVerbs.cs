using Sampan.Cli.Arguments;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Output;
using Sampan.DockerApi.Volumes;

namespace Sampan.Cli.Commands.Volumes;

/// <summary>volume clone, snapshot, export, import: what Docker has no command for.</summary>
internal static class VolumeCopyVerbs
{
    private static readonly Option<IReadOnlyList<string>> s_label = Option.List("label", null, "list", "Set a label of the new volume (name=value)");
    private static readonly Option<bool> s_pause = Option.Flag("pause", 'p', "Pause the containers that may write to the volume while it is copied");
    private static readonly Option<string> s_output = new("output", 'o', "string", "Write to this file in place of stdout", "", static (_, t) => t) { Completes = Candidates.Files };

    public static Command Clone { get; } = new()
    {
        Name = "clone",
        Summary = "Make a volume with a copy of another's content",
        Details = "Blocks are shared until one of the two is written, where the file system can (xfs, btrfs). Without --pause, files that a running container\nwrites meanwhile are not all of one moment.",
        Arguments = "VOLUME [NEW-VOLUME]",
        MinWords = 1,
        MaxWords = 2,
        Options = [s_label, s_pause],
        Completes = Candidates.Volumes,
        Run = call => CopyAsync(call, snapshot: false),
    };

    public static Command Snapshot { get; } = new()
    {
        Name = "snapshot",
        Summary = "Keep a volume's content as it is now, in a volume that is mounted read-only or cloned",
        Details = "Without a name it is called VOLUME-TIME. To go back: volume clone SNAPSHOT NEW-VOLUME.",
        Arguments = "VOLUME [SNAPSHOT]",
        MinWords = 1,
        MaxWords = 2,
        Options = [s_label, s_pause],
        Completes = Candidates.Volumes,
        Run = call => CopyAsync(call, snapshot: true),
    };

    public static Command Export { get; } = new()
    {
        Name = "export",
        Summary = "Write a volume's content as a tar archive",
        Details = "Holes of files are left out, as GNU tar does with --sparse.",
        Arguments = "VOLUME",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_output, s_pause],
        Completes = Candidates.Volumes,
        Run = ExportAsync,
    };

    public static Command Import { get; } = new()
    {
        Name = "import",
        Summary = "Make a volume of a tar archive, plain or compressed",
        Arguments = "FILE|- [VOLUME]",
        MinWords = 1,
        MaxWords = 2,
        Options = [s_label],
        Completes = Candidates.Files,
        Run = ImportAsync,
    };

    private static async Task<int> CopyAsync(Invocation call, bool snapshot)
    {
        var request = new VolumeCopyRequest { Name = call.Words.Count > 1 ? call.Words[1] : "", Labels = Labels(call), Snapshot = snapshot, Pause = call.Get(s_pause) };
        return Tell(call, await call.Client.CloneVolumeAsync(call.Words[0], request, call.Cancelled).ConfigureAwait(false));
    }

    private static async Task<int> ExportAsync(Invocation call)
    {
        if (call.Given(s_output) is null && StandardIo.OutIsTerminal)
            throw new CommandException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
        var (archive, warning) = await call.Client.ExportVolumeAsync(call.Words[0], call.Get(s_pause), call.Cancelled).ConfigureAwait(false);
        if (warning is not null) call.Error.WriteLine($"WARNING: {warning}");
        await using (archive.ConfigureAwait(false)) await ArchiveVerbs.CopyOutAsync(call, archive, call.Given(s_output)).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> ImportAsync(Invocation call)
    {
        var archive = call.Words[0] == "-" ? call.Io.In : ArchiveVerbs.Open(call.Words[0]);
        await using (archive.ConfigureAwait(false))
            return Tell(call, await call.Client.ImportVolumeAsync(call.Words.Count > 1 ? call.Words[1] : null, call.Get(s_label), archive, call.Cancelled).ConfigureAwait(false));
    }

    private static int Tell(Invocation call, VolumeCopyReport report)
    {
        foreach (string warning in report.Warnings ?? []) call.Error.WriteLine($"WARNING: {warning}");
        call.Out.WriteLine(report.Volume.Name);
        return 0;
    }

    private static Dictionary<string, string> Labels(Invocation call)
    {
        try
        {
            return Requests.SettingFiles.Labels([], call.Get(s_label));
        }
        catch (FormatException e)
        {
            throw new CommandException(e.Message, 1, e);
        }
    }
}
