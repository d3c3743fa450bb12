using System.Text;
using Sampan.Linux.Files;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using NetTar = System.Formats.Tar;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Builds a layer's tar entry by entry.</summary>
internal sealed class TestLayer
{
    private readonly MemoryStream _stream = new();
    private readonly TarWriter _writer;

    internal TestLayer() => _writer = new TarWriter(_stream);

    internal TestLayer Directory(string name, int mode = 0x1ed, uint uid = 0, uint gid = 0, FileTime time = default) =>
        Add(new TarEntry { Kind = TarEntryKind.Directory, Name = name, Mode = (UnixFileMode)mode, Uid = uid, Gid = gid, Modified = time });

    internal TestLayer File(string name, string content = "", int mode = 0x1a4, uint uid = 0, uint gid = 0, FileTime time = default, params (string, byte[])[] attributes) =>
        File(name, Encoding.UTF8.GetBytes(content), mode, uid, gid, time, attributes);

    internal TestLayer File(string name, byte[] content, int mode = 0x1a4, uint uid = 0, uint gid = 0, FileTime time = default, params (string Name, byte[] Value)[] attributes)
    {
        Add(new TarEntry
        {
            Kind = TarEntryKind.File,
            Name = RawName.FromText(name),
            Mode = (UnixFileMode)mode,
            Uid = uid,
            Gid = gid,
            Modified = time,
            Size = content.Length,
            Attributes = [.. attributes.Select(a => new KeyValuePair<string, byte[]>(a.Name, a.Value))],
        });
        if (content.Length > 0)
            _writer.Write(content);
        return this;
    }

    internal TestLayer Symlink(string name, string target) => Add(new TarEntry { Kind = TarEntryKind.SymbolicLink, Name = name, LinkName = target, Mode = (UnixFileMode)0x1ff });

    internal TestLayer HardLink(string name, string target) => Add(new TarEntry { Kind = TarEntryKind.HardLink, Name = name, LinkName = target });

    internal TestLayer Device(string name, uint major, uint minor) =>
        Add(new TarEntry { Kind = TarEntryKind.CharacterDevice, Name = name, DeviceMajor = major, DeviceMinor = minor, Mode = (UnixFileMode)0x1b6 });

    internal TestLayer Add(TarEntry entry)
    {
        _writer.Begin(entry);
        return this;
    }

    internal byte[] ToTar()
    {
        _writer.End();
        return _stream.ToArray();
    }

    /// <summary>The whole of Debian's busybox-static as a layer, with a few applets.</summary>
    internal static byte[] Busybox()
    {
        var binary = new[] { "/usr/bin/busybox", "/bin/busybox" }.FirstOrDefault(System.IO.File.Exists);
        if (binary is null)
            Assert.Skip("busybox is not installed: apt-get install busybox-static");
        var layer = new TestLayer().Directory("bin/").File("bin/busybox", System.IO.File.ReadAllBytes(binary), 0x1ed);
        foreach (var applet in new[] { "sh", "true", "ls", "cat" })
            layer.HardLink("bin/" + applet, "bin/busybox");
        return layer.Directory("etc/").File("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/srv:/bin/sh\n").Directory("tmp/", 0x3ff).ToTar();
    }

    internal static Digest DiffId(byte[] tar) => Digest.Of(tar);

    /// <summary>Reads an archive with .NET's own reader: a second opinion on what we write.</summary>
    internal static Dictionary<string, byte[]> ReadTar(byte[] tar)
    {
        var files = new Dictionary<string, byte[]>();
        using var reader = new NetTar.TarReader(new MemoryStream(tar));
        while (reader.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            files[entry.Name] = content.ToArray();
        }
        return files;
    }
}
