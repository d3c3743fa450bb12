using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sampan.Linux.Files;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Tests.Archives;

public sealed class TarTests
{
    [Fact]
    public void Whatever_is_written_reads_back_the_same() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Entries().ToArbitrary(), written =>
    {
        using var archive = new MemoryStream();
        var writer = new TarWriter(archive);
        foreach (var (entry, content) in written)
        {
            writer.Begin(entry);
            if (content.Length > 0)
                writer.Write(content);
        }
        writer.End();
        archive.Position = 0;

        // One byte at a time and all at once must read the same.
        foreach (var chunk in new[] { 7, int.MaxValue })
        {
            archive.Position = 0;
            using var reader = new TarReader(new ChunkedStream(archive, chunk));
            foreach (var (entry, content) in written)
            {
                var read = reader.Next();
                read.ShouldNotBeNull();
                (read with { Attributes = [] }).ShouldBe(entry with { Attributes = [] });
                read.Attributes.Select(a => (a.Key, Convert.ToHexString(a.Value))).ShouldBe(entry.Attributes.Select(a => (a.Key, Convert.ToHexString(a.Value))));
                reader.ReadAll(int.MaxValue).ShouldBe(content);
            }
            reader.Next().ShouldBeNull();
        }
    }));

    [Fact]
    public void No_bytes_at_all_make_the_reader_fail_otherwise_than_by_a_storage_error()
    {
        var valid = Sample();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
            Gen.Choose(0, valid.Length - 1).Zip(Gen.Choose(0, 255)).ListOf(4).ToArbitrary(),
            changes =>
            {
                var bytes = (byte[])valid.Clone();
                foreach (var (position, value) in changes)
                    bytes[position] = (byte)value;
                FixChecksums(bytes);
                ReadsOrRefuses(bytes);
            }));
    }

    [Fact]
    public void An_archive_cut_off_anywhere_is_refused()
    {
        var valid = Sample();
        // The last block may be missing: GNU tar's second empty block has no content.
        for (var length = 0; length < valid.Length - 1024; length += 13)
            Should.Throw<StorageException>(() => ReadAll(valid[..length])).Kind.ShouldBe(StorageError.Corrupt);
        for (var length = 512; length < valid.Length - 1024; length += 512)
            Should.Throw<StorageException>(() => ReadAll(valid[..length])).Message.ShouldContain("ends too early");
    }

    [Fact]
    public void An_archive_may_lack_its_end_where_that_is_allowed_and_nothing_else()
    {
        var limits = ArchiveLimits.Default with { MayLackEnd = true };
        var valid = Sample();
        Names(valid[..^1024], limits).ShouldBe(Names(valid));
        // As Go's writer leaves it that is not closed: "content" is the last.
        Names(valid[..^(1024 + 512 - 7)], limits).ShouldBe(Names(valid));
        Should.Throw<StorageException>(() => ReadAll(valid[..^(1024 + 512 - 6)], limits)).Kind.ShouldBe(StorageError.Corrupt);
        for (var length = 13; length < valid.Length - 1536; length += 512)
            Should.Throw<StorageException>(() => ReadAll(valid[..length], limits)).Kind.ShouldBe(StorageError.Corrupt);

        static List<string> Names(byte[] bytes, ArchiveLimits? limits = null) => [.. ReadAll(bytes, limits).Select(entry => $"{entry.Name} {entry.Size}")];
    }

    [Fact]
    public void Something_else_than_a_tar_is_refused() =>
        Should.Throw<StorageException>(() => ReadAll(Encoding.ASCII.GetBytes(new string('x', 2048)))).Message
            .ShouldBe("damaged tar archive: a header's checksum is wrong; is it a tar archive?");

    [Fact]
    public void Gnu_long_names_and_links_are_read()
    {
        var name = string.Join('/', Enumerable.Repeat("directory-of-some-length", 20));
        var archive = Concat(Header("././@LongLink", 'L', Encoding.ASCII.GetBytes(name + "\0")), Header("././@LongLink", 'K', Encoding.ASCII.GetBytes(name + "2\0")), Header("cut", '2', []), new byte[1024]);

        var entry = ReadAll(archive).ShouldHaveSingleItem();

        entry.Name.ShouldBe(name);
        entry.LinkName.ShouldBe(name + "2");
        entry.Kind.ShouldBe(TarEntryKind.SymbolicLink);
    }

    [Fact]
    public void Base_256_numbers_are_read()
    {
        var block = Header("big", '0', []);
        new byte[] { 0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xfe }.CopyTo(block, 108);
        new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe }.CopyTo(block, 136);
        FixChecksums(block);

        var entry = ReadAll(Concat(block, new byte[1024])).ShouldHaveSingleItem();

        entry.Uid.ShouldBe(0x7ffffffeu);
        entry.Modified.ShouldBe(new FileTime(-2, 0));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("4294967295")]
    [InlineData("99999999999999999999")]
    public void An_owner_out_of_range_never_becomes_root(string uid)
    {
        using var records = new MemoryStream();
        PaxRecords.Append(records, "uid", Encoding.ASCII.GetBytes(uid));

        Should.Throw<StorageException>(() => ReadAll(Concat(Header("x", 'x', records.ToArray()), Header("file", '0', []), new byte[1024])));
    }

    [Theory]
    [InlineData("4 a=\n")]
    [InlineData("9999 a=b\n")]
    [InlineData("6 a=b\n extra")]
    [InlineData("-6 a=b\n")]
    [InlineData("0 \n")]
    [InlineData("6 =ab\n")]
    [InlineData("a=b")]
    public void Malformed_extended_records_are_refused(string records) =>
        Should.Throw<StorageException>(() => ReadAll(Concat(Header("x", 'x', Encoding.ASCII.GetBytes(records)), Header("file", '0', []), new byte[1024])))
            .Kind.ShouldBe(StorageError.Corrupt);

    [Fact]
    public void Extended_headers_are_bounded()
    {
        var limits = new ArchiveLimits { MaxHeaderBytes = 1000 };
        var archive = Concat(Header("x", 'x', new byte[1001]), Header("file", '0', []), new byte[1024]);

        Should.Throw<StorageException>(() => ReadAll(archive, limits)).Message.ShouldContain("larger than the 1000 allowed");
    }

    [Fact]
    public void Entries_are_bounded()
    {
        var limits = new ArchiveLimits { MaxEntries = 2 };
        var archive = Concat(Header("a", '5', []), Header("b", '5', []), Header("c", '5', []), new byte[1024]);

        Should.Throw<StorageException>(() => ReadAll(archive, limits)).Message.ShouldContain("more than 2 entries");
    }

    [Fact]
    public void Paths_are_bounded()
    {
        using var records = new MemoryStream();
        PaxRecords.Append(records, "path", Encoding.ASCII.GetBytes(new string('x', 5000)));

        Should.Throw<StorageException>(() => ReadAll(Concat(Header("x", 'x', records.ToArray()), Header("f", '0', []), new byte[1024]))).Message.ShouldContain("longer than 4095 bytes");
    }

    [Fact]
    public void A_sparse_file_without_a_map_or_with_one_that_lies_is_refused()
    {
        StorageException Refused(string records, byte[] content)
        {
            using var pax = new MemoryStream();
            foreach (var record in records.Split(';'))
                PaxRecords.Append(pax, "GNU.sparse." + record.Split('=')[0], Encoding.ASCII.GetBytes(record.Split('=')[1]));
            return Should.Throw<StorageException>(() => ReadAll(Concat(Header("x", 'x', pax.ToArray()), Header("f", '0', content), new byte[1024])));
        }

        Refused("major=1;realsize=10", []).Kind.ShouldBe(StorageError.Corrupt);
        Refused("major=2;realsize=10", []).Message.ShouldContain("GNU.sparse.major");
        Refused("size=10", []).Message.ShouldContain("has no map");
        Refused("map=0,5", new byte[5]).Message.ShouldContain("has no size");
        Refused("size=10;map=0,5", new byte[4]).Message.ShouldContain("its map 5");
        Refused("size=10;map=8,5", new byte[5]).Message.ShouldContain("behind the file's end");
        Refused("size=10;map=4,2,3,2", new byte[4]).Message.ShouldContain("out of order");
        Refused("size=10;map=1,x", new byte[1]).Message.ShouldContain("GNU.sparse.map");
        Refused("size=10;map=1,2,3", new byte[2]).Message.ShouldContain("GNU.sparse.map");
        Refused("size=9223372036854775807;map=0,1", new byte[1]).Message.ShouldContain("more than");
        Refused("major=1;realsize=10", Encoding.ASCII.GetBytes("99999999999\n" + new string('0', 500))).Message.ShouldContain("too large");
    }

    [Fact]
    public void Lone_extended_headers_at_the_end_are_refused() =>
        Should.Throw<StorageException>(() => ReadAll(Concat(Header("x", 'x', "6 a=b\n"u8.ToArray()), new byte[1024]))).Message.ShouldContain("ends after an extended header");

    [Fact]
    public void Names_that_are_no_text_keep_their_bytes()
    {
        var name = RawName.Of([0xff, 0xfe, (byte)'a']);
        using var archive = new MemoryStream();
        var writer = new TarWriter(archive);
        writer.WriteFile(name, [], 0, default);
        writer.End();

        RawName.ToBytes(ReadAll(archive.ToArray())[0].Name).ShouldBe(new byte[] { 0xff, 0xfe, (byte)'a' });
    }

    [Theory]
    [InlineData("0.000000001", 0, 1)]
    [InlineData("1.5", 1, 500_000_000)]
    [InlineData("-1.25", -2, 750_000_000)]
    [InlineData("-0.5", -1, 500_000_000)]
    [InlineData("17", 17, 0)]
    [InlineData("1.1234567899", 1, 123_456_789)]
    public void Times_keep_their_nanoseconds(string text, long seconds, int nanoseconds)
    {
        PaxRecords.TryTime(Encoding.ASCII.GetBytes(text), out var time).ShouldBeTrue();
        time.ShouldBe(new FileTime(seconds, nanoseconds));
    }

    private static Gen<List<(TarEntry Entry, byte[] Content)>> Entries() =>
        Entry().ListOf().Select(entries => entries.ToList());

    private static Gen<(TarEntry Entry, byte[] Content)> Entry() =>
        from kind in Gen.Elements(Enum.GetValues<TarEntryKind>())
        from name in Name()
        from link in Name()
        from mode in Gen.Choose(0, 0xfff)
        from uid in Gen.OneOf(Gen.Choose(0, 70000), Gen.Choose(2_000_000, int.MaxValue))
        from seconds in Gen.OneOf(Gen.Choose(int.MinValue, int.MaxValue).Select(s => (long)s), Gen.Constant(9_000_000_000L))
        from nanoseconds in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, 999_999_999))
        from length in Gen.OneOf(Gen.Choose(0, 1600), Gen.Elements(0, 511, 512, 513, 70_000))
        from fill in Gen.Choose(0, 255)
        from attributes in Gen.Choose(0, 255).ArrayOf().Select(bytes => bytes.Select(b => (byte)b).ToArray()).ListOf()
        let content = kind == TarEntryKind.File ? Enumerable.Repeat((byte)fill, length).ToArray() : []
        let isDevice = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice
        let isLink = kind is TarEntryKind.HardLink or TarEntryKind.SymbolicLink
        select (new TarEntry
        {
            Kind = kind,
            Name = name,
            LinkName = isLink ? link : "",
            Mode = (UnixFileMode)mode,
            Uid = (uint)uid,
            Gid = (uint)(uid / 2),
            Modified = new FileTime(seconds, nanoseconds),
            Size = content.Length,
            DeviceMajor = isDevice ? (uint)mode : 0,
            DeviceMinor = isDevice ? (uint)fill : 0,
            Attributes = [.. attributes.Select((value, i) => new KeyValuePair<string, byte[]>($"user.n{i}", value))],
        }, content);

    // Bytes 1 to 255 without a slash at the end, which marks a directory.
    private static Gen<string> Name() =>
        Gen.Choose(1, 255).ArrayOf().Select(bytes => "n" + RawName.Of([.. bytes.Take(400).Select(b => (byte)b)]) + "n");

    private static byte[] Sample()
    {
        using var archive = new MemoryStream();
        var writer = new TarWriter(archive);
        writer.Begin(new TarEntry { Kind = TarEntryKind.Directory, Name = "etc/" });
        writer.WriteFile("etc/" + new string('l', 120), new byte[700], 0, new FileTime(5, 7));
        writer.Begin(new TarEntry { Kind = TarEntryKind.SymbolicLink, Name = "link", LinkName = "/etc" });
        writer.WriteFile("last", "content"u8, 0, default);
        writer.End();
        return archive.ToArray();
    }

    private static List<TarEntry> ReadAll(byte[] bytes, ArchiveLimits? limits = null)
    {
        using var reader = new TarReader(new MemoryStream(bytes), limits);
        var entries = new List<TarEntry>();
        while (reader.Next() is { } entry)
            entries.Add(entry);
        return entries;
    }

    private static void ReadsOrRefuses(byte[] bytes)
    {
        try
        {
            ReadAll(bytes);
        }
        catch (StorageException)
        {
            // Refused: as good as read.
        }
    }

    private static byte[] Header(string name, char type, byte[] content)
    {
        var block = new byte[512 + (content.Length + 511) / 512 * 512];
        Encoding.ASCII.GetBytes(name).CopyTo(block, 0);
        "0000644\0"u8.CopyTo(block.AsSpan(100));
        TarField.TryWriteOctal(block.AsSpan(124, 12), content.Length);
        block[156] = (byte)type;
        "ustar  \0"u8.CopyTo(block.AsSpan(257));
        content.CopyTo(block, 512);
        FixChecksum(block);
        return block;
    }

    // Damage behind a right checksum is what an attacker sends.
    private static void FixChecksums(byte[] archive)
    {
        for (var at = 0; at + 512 <= archive.Length; at += 512)
        {
            if (archive.AsSpan(at + 257, 5).SequenceEqual("ustar"u8))
                FixChecksum(archive.AsSpan(at, 512));
        }
    }

    private static void FixChecksum(Span<byte> block)
    {
        block.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in block[..512])
            sum += value;
        TarField.TryWriteOctal(block.Slice(148, 7), sum);
    }

    private static byte[] Concat(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    private sealed class ChunkedStream(Stream source, int most) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => source.Read(buffer[..Math.Min(buffer.Length, most)]);
    }
}
