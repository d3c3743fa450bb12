using System.Formats.Tar;
using System.Text;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Events;
using Sampan.Engine.Recipes;
using Sampan.Oci.Images;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Changes;
using Sampan.Storage.Records;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Volumes;

namespace Sampan.Engine.Tests.Doubles;

/// <summary>An engine on a throw-away root, with in-memory supervisors and networks and plain-copy snapshots.</summary>
internal sealed class Harbour : IAsyncDisposable
{
    private Harbour(string root, TimeProvider time)
    {
        Root = root;
        Time = time;
    }

    public TimeProvider Time { get; }

    /// <summary>The next opening's options.</summary>
    public Func<EngineOptions, EngineOptions> Options { get; set; } = options => options;

    /// <summary>Whether the next opening makes directories for containers to come.</summary>
    public bool MakesAhead { get; set; }

    public ContainersAhead? Ahead { get; private set; }

    public string Root { get; }

    public MemorySupervisors Supervisors { get; } = new();

    public MemoryNetworks Networks { get; } = new();

    public List<EngineNotice> Notices { get; } = [];

    public ContainerEngine Engine { get; private set; } = null!;

    public ContainerOperations Containers => Engine.Containers;

    public static Task<Harbour> OpenAsync(params string[] importChanges) => OpenAsync(TimeProvider.System, importChanges);

    public static async Task<Harbour> OpenAsync(TimeProvider time, params string[] importChanges)
    {
        var harbour = new Harbour(Directory.CreateTempSubdirectory("sampan-engine-").FullName, time);
        var images = ImageStore.Open(harbour.Data, TimeProvider.System);
        await images.ImportAsync(RootFs(), new ImageImport { Name = ImageReference.Parse("busybox"), Changes = ["CMD [\"sh\"]", "ENV LANG=C", .. importChanges] }, CancellationToken.None);
        await harbour.ReopenAsync();
        return harbour;
    }

    public string Data => Path.Combine(Root, "data");

    /// <summary>Another daemon begins; the one before only stops watching.</summary>
    public async Task ReopenAsync()
    {
        if (Engine is not null)
            await Engine.DisposeAsync();
        var options = new EngineOptions { DataRoot = Data, ExecRoot = Path.Combine(Root, "run"), Bridge = "test0", BridgeAddress = "172.17.0.1/16", RuntimePath = "/usr/bin/sampan-runtime" };
        options = Options(options);
        Directory.CreateDirectory(Path.Combine(options.ExecRoot, "containers"));
        var images = ImageStore.Open(Data, TimeProvider.System);
        var parts = EngineAssembly.Build(options, Time, Note, Supervisors, images, PlainCopySnapshotter.Open(images), VolumeStore.Open(Data, TimeProvider.System), Networks, new RemovedTrees((path, failure) => Note(new EngineNotice(NoticeLevel.Error, path, failure))));
        Ahead = MakesAhead ? new ContainersAhead(parts.Records, parts.Snapshots, Time, Note) : null;
        parts = parts with { Ahead = Ahead };
        Engine = await ContainerEngine.OpenAsync(parts, CancellationToken.None);
    }

    public async Task<string> CreateAsync(ContainerSpec? spec = null, string? name = null) =>
        (await Containers.CreateAsync(spec ?? Spec, name, CancellationToken.None)).Id;

    public async Task<string> RunAsync(ContainerSpec? spec = null, string? name = null)
    {
        var id = await CreateAsync(spec, name);
        (await Containers.StartAsync(id, CancellationToken.None)).ShouldBe(StartOutcome.Started);
        return id;
    }

    public static ContainerSpec Spec { get; } = new() { Image = "busybox" };

    public MemorySupervisor Process(string id) => Supervisors.Of(id);

    /// <summary>The next event that fits; the feed remembers, so nothing is missed.</summary>
    public async Task<EngineEvent> EventAsync(string action, string id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var one in Engine.Events.SubscribeAsync(DateTimeOffset.MinValue, null, patience.Token))
        {
            if (one.Action == action && one.ActorId == id)
                return one;
        }

        throw new InvalidOperationException($"no event '{action}'");
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    private void Note(EngineNotice notice)
    {
        lock (Notices)
            Notices.Add(notice);
    }

    private static MemoryStream RootFs()
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
        {
            Add(writer, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/var/www:/bin/sh\n");
            Add(writer, "etc/group", "root:x:0:\nwww:x:33:\nextra:x:44:www\n");
            Add(writer, "data/seed", "seed");
        }

        tar.Position = 0;
        return tar;
    }

    private static void Add(TarWriter writer, string name, string text) =>
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)0b110_100_100 });
}
