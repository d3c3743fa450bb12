using System.Formats.Tar;
using System.Text;

namespace Sampan.Storage.Tests.Plugins;

/// <summary>The tar of a new plugin, as <c>docker plugin create</c> sends it.</summary>
internal static class PluginTar
{
    public const string Config = """
        {"description":"volumes","entrypoint":["/plugin"],"interface":{"types":["docker.volumedriver/1.0"],"socket":"p.sock"},"network":{"type":"host"},
         "propagatedMount":"/volumes","env":[{"name":"LEVEL","settable":["value"],"value":"1"},{"name":"FIXED","value":"a"}],
         "mounts":[{"name":"state","source":"/var/lib/x","destination":"/state","type":"bind","options":["rbind"],"settable":["source"]}],
         "args":{"name":"args","settable":["value"],"value":["-v"]}}
        """;

    /// <summary>With a file <c>rootfs/plugin</c> of this content.</summary>
    public static MemoryStream Of(string? config, string? content = "program") => Of(writer =>
    {
        if (config is not null)
            File(writer, "config.json", config);
        if (content is not null)
        {
            File(writer, "./rootfs/plugin", content);
            writer.WriteEntry(Own(new PaxTarEntry(TarEntryType.HardLink, "rootfs/same") { LinkName = "rootfs/plugin" }));
        }
    });

    public static MemoryStream Of(Action<TarWriter> write)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
            write(writer);
        tar.Position = 0;
        return tar;
    }

    public static void File(TarWriter writer, string name, string text) =>
        writer.WriteEntry(Own(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)0b111_101_101 }));

    // Unpacking gives files to whom the archive says: without root only to oneself.
    private static PaxTarEntry Own(PaxTarEntry entry)
    {
        var lines = System.IO.File.ReadAllLines("/proc/self/status");
        int Id(string name) => int.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split('\t')[2], System.Globalization.CultureInfo.InvariantCulture);
        (entry.Uid, entry.Gid) = (Id("Uid:"), Id("Gid:"));
        return entry;
    }
}
