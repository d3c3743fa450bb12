using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;
using Sampan.Storage.Images;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Large files of a context that the client has open: the engine reads them itself, once, and only what it was meant to.</summary>
public sealed class ClientFileTests : StorageTest
{
    private static readonly byte[] s_large = [.. Enumerable.Range(0, 5_000_003).Select(i => (byte)(i * 7 + i / 1000))];

    private readonly ImageStore _store;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket _client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket _accepted;
    private readonly KeptContents _contents;

    public ClientFileTests()
    {
        _store = ImageStore.Open(In("data"), TimeProvider.System);
        _listener.Bind(new UnixDomainSocketEndPoint(In("socket")));
        _listener.Listen();
        _client.Connect(new UnixDomainSocketEndPoint(In("socket")));
        _accepted = _listener.Accept();
        _contents = new KeptContents(In("spool"));
        using var peer = PeerProcess.TryOpen(_accepted.SafeHandle);
        if (peer is not null)
            return;
        Dispose();
        Assert.Skip("the kernel is older than 6.5 and does not say by a descriptor who connected");
    }

    [Fact]
    public async Task A_layer_is_what_it_is_when_the_content_is_sent_and_the_content_is_kept()
    {
        using var file = Open("large", s_large);
        using var tree = Offer(file);
        SourceTree.IsComing(tree.Root).ShouldBeTrue();
        var step = await LayerAsync(tree);
        SourceTree.IsComing(tree.Root).ShouldBeFalse();

        using var sent = SourceTree.ReadArchive(new MemoryStream(Layer(s_large).ToTar()), In("spool"), ArchiveLimits.Default, asRoot: true, CancellationToken.None);
        (await LayerAsync(sent)).Id.ShouldBe(step.Id);
        SourceTree.Checksum(tree.Root).ShouldBe(SourceTree.Checksum(sent.Root));
        File.ReadAllBytes(In("data/layers/1/to/large")).AsSpan().SequenceEqual(s_large).ShouldBeTrue();
        File.GetUnixFileMode(In("data/layers/1/to/large")).ShouldBe((UnixFileMode)0x1a4);
        // The layer has the file itself.
        _contents.Bytes.ShouldBe("small".Length);
        _contents.Has("large", file.Status().Fingerprint).ShouldBeTrue();
    }

    [Fact]
    public async Task What_becomes_of_the_clients_file_later_changes_nothing()
    {
        using var file = Open("large", s_large);
        using var tree = Offer(file);
        var checksum = SourceTree.Checksum(tree.Root);
        File.WriteAllBytes(In("large"), new byte[s_large.Length]);
        SourceTree.Checksum(tree.Root).ShouldBe(checksum);
        await LayerAsync(tree);
        File.ReadAllBytes(In("data/layers/1/to/large")).AsSpan().SequenceEqual(s_large).ShouldBeTrue();
    }

    [Fact]
    public void One_that_changed_before_it_was_read_is_not_kept_under_what_it_was_known_by()
    {
        using var file = Open("large", s_large);
        var (offered, tree) = OfferedTree(file);
        using var read = tree;
        File.WriteAllBytes(In("large"), new byte[s_large.Length]);
        SourceTree.Checksum(tree.Root).ShouldNotBeEmpty();
        offered.Close();
        _contents.Has("large", offered.Fingerprint("large")).ShouldBeFalse();
    }

    [Fact]
    public async Task One_that_became_shorter_fails_the_build_and_leaves_nothing()
    {
        using var file = Open("large", s_large);
        var (offered, tree) = OfferedTree(file);
        using var read = tree;
        using (var shorter = File.OpenWrite(In("large")))
            shorter.SetLength(1000);
        // Once while a thread waits to make the file, and once without.
        (await Should.ThrowAsync<StorageException>(() => LayerAsync(tree))).Message.ShouldContain("'large' of the context became shorter while it was read");
        Should.Throw<StorageException>(() => SourceTree.Checksum(tree.Root)).Message.ShouldContain("became shorter");
        offered.Close();
        _contents.Bytes.ShouldBe("small".Length);
        Directory.GetDirectories(In("data/layers")).ShouldBeEmpty();
        Directory.GetFiles(In("spool")).Length.ShouldBe(1);
    }

    [Fact]
    public void A_disk_that_takes_no_more_refuses_the_build_and_keeps_nothing()
    {
        using var file = Open("large", s_large);
        // Attached nowhere: it goes with its descriptor.
        using var disk = MountTree.Create("tmpfs", null, [new("size", "2m")], MountAttributes.NoSetUid | MountAttributes.NoDevices);
        var directory = $"/proc/self/fd/{disk.Descriptor.Number}";
        using var contents = new KeptContents(directory);
        var offered = new OfferedContext(contents, [new("large", "")]);
        offered.Take(_accepted.SafeHandle, [new("large", (int)file.DangerousGetHandle(), file.Status().Fingerprint)], 10);
        using var tree = SourceTree.ReadArchive(new MemoryStream(Layer([]).ToTar()), directory, ArchiveLimits.Default, asRoot: true, CancellationToken.None, offered);
        var left = Directory.GetFiles(directory).Length;

        Should.Throw<StorageException>(() => SourceTree.Checksum(tree.Root)).Kind.ShouldBe(StorageError.Refused);

        Directory.GetFiles(directory).Length.ShouldBe(left);
        offered.Close();
    }

    [Fact]
    public async Task Several_that_want_it_at_once_all_get_it()
    {
        using var file = Open("large", s_large);
        using var tree = Offer(file);
        var ct = TestContext.Current.CancellationToken;
        var layers = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(() => LayerAsync(tree, new CopyLooks { Owner = ((uint)i, 7) }), ct)));
        var hashes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => SourceTree.Checksum(tree.Root), ct)));
        hashes.ShouldAllBe(hash => hash.SequenceEqual(hashes[0]));
        layers.Select(layer => layer.Id).Distinct().Count().ShouldBe(3);
        foreach (var layer in Directory.GetDirectories(In("data/layers")))
            File.ReadAllBytes(Path.Combine(layer, "to/large")).AsSpan().SequenceEqual(s_large).ShouldBeTrue();
    }

    [Fact]
    public async Task Into_a_directory_with_setgid_it_comes_with_the_group_it_was_given()
    {
        using var file = Open("large", s_large);
        var offered = Offered("g/large", file.Status().Fingerprint);
        offered.Take(_accepted.SafeHandle, [new("g/large", (int)file.DangerousGetHandle(), file.Status().Fingerprint)], 10);
        // With an attribute it is copied into the layer, after the directory was made ready.
        var tar = new TestLayer().Directory("g/", mode: 0x5ed, gid: 7).File("g/large", "", attributes: ("user.note", "some"u8.ToArray())).ToTar();
        using var tree = SourceTree.ReadArchive(new MemoryStream(tar), In("spool"), ArchiveLimits.Default, asRoot: false, CancellationToken.None, offered);
        SourceTree.IsComing(tree.Root).ShouldBeTrue();

        await LayerAsync(tree);

        Owner("data/layers/1/to/g").ShouldBe((0u, 7u));
        Owner("data/layers/1/to/g/large").ShouldBe((0u, 0u));

        (uint, uint) Owner(string path)
        {
            using var look = HostFile.Open(In(path), OpenFlags.ReadOnly);
            var status = FileStatus.Of(look);
            return (status.Uid, status.Gid);
        }
    }

    [Fact]
    public void What_nobody_needs_is_not_read_and_not_kept()
    {
        using var file = Open("large", s_large);
        var open = OpenDescriptors();
        var (offered, tree) = OfferedTree(file);
        offered.Opened.ShouldBe(1);
        OpenDescriptors().ShouldBe(open + 1);
        tree.Dispose();
        offered.Close();
        _contents.Has("large", offered.Fingerprint("large")).ShouldBeFalse();
        _contents.Bytes.ShouldBe("small".Length);
        OpenDescriptors().ShouldBe(open);
    }

    [Fact]
    public void A_number_alone_gives_no_file()
    {
        using var large = Open("large", s_large);
        using var other = Open("other", [.. s_large, 1]);
        using var small = Open("small", [1, 2, 3]);
        using var directory = DirectoryHandle.Open(In("data"));
        var fingerprint = large.Status().Fingerprint;
        // Another file of that number; one that is not open; a small one; a directory; more than may be.
        Take("large", other, fingerprint).ShouldBe(0);
        Take("large", 1_000_000, fingerprint).ShouldBe(0);
        Take("large", -1, fingerprint).ShouldBe(0);
        Take("large", small, small.Status().Fingerprint).ShouldBe(0);
        Take("large", directory.Descriptor.Number, FileStatus.Of(directory.Descriptor).Fingerprint).ShouldBe(0);
        Take("unknown", large, fingerprint).ShouldBe(0);
        Take("large", large, fingerprint, most: 0).ShouldBe(0);
        // Known by something else than what it is.
        Take("large", large, fingerprint, known: "1:2:3").ShouldBe(0);
        Take("large", large, fingerprint).ShouldBe(1);
    }

    [Theory]
    [InlineData(OpenFlags.Path)] // the rights of the engine would do for reading, but not those of this descriptor
    [InlineData(OpenFlags.WriteOnly)]
    public void A_file_that_the_client_has_not_open_for_reading_is_not_read_for_it(OpenFlags flags)
    {
        File.WriteAllBytes(In("large"), s_large);
        using var file = Open("large", flags);
        Take("large", file, file.Status().Fingerprint).ShouldBe(0);
    }

    [Fact]
    public void A_file_of_a_file_system_that_shows_it_to_its_user_alone_is_left_to_the_client()
    {
        if (!File.Exists("/dev/fuse"))
            Assert.Skip("this machine has no FUSE");
        using var server = HostFile.Open("/dev/fuse", OpenFlags.ReadWrite);
        using var mount = MountTree.Create("fuse", null, [new("fd", $"{server.Number}"), new("rootmode", "40000"), new("user_id", "1000"), new("group_id", "1000")], MountAttributes.NoSetUid | MountAttributes.NoDevices);
        Should.Throw<LinuxException>(() => mount.Status).Errno.ShouldBe(Errno.EACCES);
        Take("large", mount.Descriptor.Number, "1:2:3").ShouldBe(0);
    }

    [Fact]
    public void Another_connection_than_a_Unix_socket_has_no_files()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint.ShouldNotBeNull());
        using var accepted = listener.Accept();
        PeerProcess.TryOpen(accepted.SafeHandle).ShouldBeNull();
        using var closed = new SafeFileHandle(-1, ownsHandle: false);
        PeerProcess.TryOpen(closed).ShouldBeNull();
    }

    [Fact]
    public async Task A_large_file_whose_layer_is_gone_is_let_go()
    {
        using var file = Open("large", s_large);
        var (offered, tree) = OfferedTree(file);
        ImageRecord step;
        using (tree)
            step = await LayerAsync(tree);
        offered.Close();
        var fingerprint = offered.Fingerprint("large");
        _contents.ForgetLost();
        _contents.Has("large", fingerprint).ShouldBeTrue();
        var open = OpenDescriptors();

        _store.ForgetStep(step.Id);
        _contents.ForgetLost();

        _contents.Has("large", fingerprint).ShouldBeFalse();
        _contents.Bytes.ShouldBe("small".Length);
        OpenDescriptors().ShouldBe(open - 1);
    }

    public override void Dispose()
    {
        foreach (var socket in new[] { _listener, _client, _accepted })
            socket.Dispose();
        _contents.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    // Without the lock that the framework puts on what it opens.
    private SafeFileHandle Open(string name, byte[] content)
    {
        File.WriteAllBytes(In(name), content);
        return Open(name, OpenFlags.ReadOnly);
    }

    private SafeFileHandle Open(string name, OpenFlags flags) => new(HostFile.Open(In(name), flags).Release(), ownsHandle: true);

    private SourceTree Offer(SafeFileHandle file) => OfferedTree(file).Tree;

    private (OfferedContext Offered, SourceTree Tree) OfferedTree(SafeFileHandle file)
    {
        var offered = Offered("large", file.Status().Fingerprint);
        offered.Take(_accepted.SafeHandle, [new("large", (int)file.DangerousGetHandle(), file.Status().Fingerprint)], 10);
        offered.Opened.ShouldBe(1);
        return (offered, Read(offered));
    }

    private OfferedContext Offered(string name, string fingerprint) => new(_contents, [new(name, fingerprint)]);

    private SourceTree Read(OfferedContext offered) =>
        SourceTree.ReadArchive(new MemoryStream(Layer([]).ToTar()), In("spool"), ArchiveLimits.Default, asRoot: true, CancellationToken.None, offered);

    private int Take(string name, SafeFileHandle file, string fingerprint, int most = 10, string known = "") => Take(name, (int)file.DangerousGetHandle(), fingerprint, most, known);

    private int Take(string name, int descriptor, string fingerprint, int most = 10, string known = "")
    {
        var offered = Offered("large", known);
        offered.Take(_accepted.SafeHandle, [new(name, descriptor, fingerprint)], most);
        var taken = offered.Opened;
        offered.Close();
        return taken;
    }

    private static TestLayer Layer(byte[] large) => new TestLayer().File("large", large, mode: 0x1a4, time: new FileTime(1000, 5)).Directory("d/").File("d/small", "small").HardLink("d/too", "large");

    private async Task<ImageRecord> LayerAsync(SourceTree tree, CopyLooks? looks = null)
    {
        using var draft = _store.Draft(null, DateTimeOffset.UnixEpoch);
        draft.CopyContent(tree.Root, "/to", looks ?? CopyLooks.AsTheyAre);
        return await _store.StackDraftAsync(null, Platform.Current, draft, null, CancellationToken.None);
    }
}
