using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Digests;

namespace Sampan.Compose.Running;

/// <summary>The configs and secrets of a service as files: those from the host are mounted unless an owner or permissions are asked for; all others are copied in before the start.</summary>
internal static class InjectedFiles
{
    /// <summary>Those that are mounted.</summary>
    public static IEnumerable<(string Source, string Target)> Bound(Project project, Service service) =>
        Of(project, service).Where(f => f.IsBound).Select(f => (f.Source ?? "", f.Target));

    /// <summary>Those that are copied in.</summary>
    public static IReadOnlyList<InjectedFile> Copied(Project project, Service service) => [.. Of(project, service).Where(f => !f.IsBound)];

    /// <summary>What changes when the copied ones do; null: there are none.</summary>
    public static string? Hash(IReadOnlyList<InjectedFile> files) =>
        files.Count == 0 ? null : ServiceHash.Of(new Sequence(Position.None, [.. files.Select(f => Scalar.Of($"{f.Target}\0{f.UserId}\0{f.GroupId}\0{f.Mode}\0{(f.Source is null ? f.Content : Convert.ToHexString(Sha2.Sha256(Read(f.Source))))}"))]));

    /// <summary>The copied ones as an archive for the container's root.</summary>
    public static async Task<MemoryStream> ArchiveAsync(IReadOnlyList<InjectedFile> files, TimeProvider time, CancellationToken cancellationToken)
    {
        var archive = new MemoryStream();
        var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var file in files)
            {
                var entry = new PaxTarEntry(TarEntryType.RegularFile, file.Target.TrimStart('/'))
                {
                    Uid = file.UserId,
                    Gid = file.GroupId,
                    Mode = (UnixFileMode)file.Mode,
                    ModificationTime = time.GetUtcNow(),
                    DataStream = new MemoryStream(file.Source is null ? Encoding.UTF8.GetBytes(file.Content ?? "") : Read(file.Source)),
                };
                await writer.WriteEntryAsync(entry, cancellationToken).ConfigureAwait(false);
            }
        }
        archive.Position = 0;
        return archive;
    }

    private static byte[] Read(string path)
    {
        try
        {
            return System.IO.File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComposeException($"cannot read '{path}': {e.Message}", e);
        }
    }

    private static IEnumerable<InjectedFile> Of(Project project, Service service) =>
        service.Tree.Maps("secrets").Select(g => File(project, service, g, "secret", project.Secrets, "/run/secrets/"))
            .Concat(service.Tree.Maps("configs").Select(g => File(project, service, g, "config", project.Configs, "/")));

    private static InjectedFile File(Project project, Service service, Mapping grant, string kind, IReadOnlyDictionary<string, Mapping> known, string directory)
    {
        string source = grant.Text("source") ?? "";
        string target = grant.Text("target") ?? source;
        if (!target.StartsWith('/')) target = directory + target;
        var resource = known[source];
        // 0555 takes the writing away, as the specification has it.
        int mode = Convert.ToInt32(grant.Text("mode") ?? "0444", 8) & 0x16D;
        int uid = int.Parse(grant.Text("uid") ?? "0", CultureInfo.InvariantCulture), gid = int.Parse(grant.Text("gid") ?? "0", CultureInfo.InvariantCulture);
        if (resource.Text("file") is { } file) return new InjectedFile(target, file, null, uid, gid, mode) { IsBound = grant["uid"] is null && grant["gid"] is null && grant["mode"] is null };
        if (resource.Text("content") is { } content) return new InjectedFile(target, null, content, uid, gid, mode);
        if (resource.Text("environment") is { } variable)
            return new InjectedFile(target, null, project.Environment.GetValueOrDefault(variable) ?? throw Missing($"the environment variable '{variable}' is not set"), uid, gid, mode);
        throw Missing("it is external, and the engine keeps none: describe it with 'file', 'environment' or 'content'");

        ComposeException Missing(string why) => new([new Problem(grant.At, $"services.{service.Name}.{kind}s", $"cannot give the {kind} '{source}': {why}")]);
    }
}
