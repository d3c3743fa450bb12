using Sampan.Storage.Registry;

namespace Sampan.Storage.Tests.Registry;

public sealed class RegistryCollectionTests : RegistryStoreTest
{
    [Fact]
    public async Task What_manifests_refer_to_stays_and_the_rest_goes()
    {
        await PushImageAsync("app", "v1");
        await PushBlobAsync("app", "nobody's");
        Later();

        Store.Collect(dryRun: false, Ct).ShouldBe(new Collected(0, 1, 1, 8));

        Read("app", DigestOf("nobody's")).ShouldBeNull();
        Read("app", DigestOf("the layer")).ShouldBe("the layer");
        Store.FindManifest(Name("app"), Reference("v1")).ShouldNotBeNull();
        Files("blobs").Length.ShouldBe(3);
        Store.Collect(dryRun: false, Ct).ShouldBe(new Collected(0, 0, 0, 0));
    }

    [Fact]
    public async Task A_blob_that_waits_for_its_manifest_stays()
    {
        var digest = await PushBlobAsync("app", "just pushed");

        Store.Collect(dryRun: false, Ct).Links.ShouldBe(0);

        Read("app", digest).ShouldBe("just pushed");
    }

    [Fact]
    public async Task A_blob_that_somebody_was_told_of_stays()
    {
        var digest = await PushBlobAsync("app", "old");
        Later();
        Store.OpenBlob(Name("app"), digest, forPush: true).ShouldNotBeNull().Dispose();

        Store.Collect(dryRun: false, Ct).Links.ShouldBe(0);
    }

    [Fact]
    public async Task A_look_removes_nothing_and_tells_the_same()
    {
        await PushBlobAsync("app", "nobody's");
        Later();
        using var looking = RegistryStore.OpenToLook(Options, Time);

        looking.Collect(dryRun: true, Ct).ShouldBe(new Collected(0, 1, 1, 8));

        Read("app", DigestOf("nobody's")).ShouldBe("nobody's");
        Store.Collect(dryRun: false, Ct).ShouldBe(new Collected(0, 1, 1, 8));
    }

    [Fact]
    public async Task A_blob_of_two_repositories_goes_with_the_second()
    {
        await PushBlobAsync("app", "shared");
        Store.MountBlob(Name("other"), Name("app"), DigestOf("shared")).ShouldBeTrue();
        Store.DeleteBlob(Name("app"), DigestOf("shared")).ShouldBeTrue();
        Store.Collect(dryRun: false, Ct).Blobs.ShouldBe(0);
        Read("other", DigestOf("shared")).ShouldBe("shared");
        Store.DeleteBlob(Name("other"), DigestOf("shared"));

        Store.Collect(dryRun: false, Ct).Blobs.ShouldBe(1);

        Store.HasRepository(Name("other")).ShouldBeFalse();
    }

    [Fact]
    public async Task Of_untagged_manifests_those_stay_that_an_index_lists_or_that_are_about_one_that_stays()
    {
        var child = await PushImageAsync("app", "", layer: "child's");
        var childText = Image("the configuration", "child's");
        var index = Put("app", "all", $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{Descriptor(childText, "application/vnd.oci.image.manifest.v1+json")}}]}""");
        var about = await PushImageAsync("app", "", layer: "signature", rest: $$""","subject":{{Descriptor(childText, "application/vnd.oci.image.manifest.v1+json")}}""");
        var lost = await PushImageAsync("app", "", layer: "lost");
        var aboutLost = await PushImageAsync("app", "", layer: "about lost", rest: $$""","subject":{{Descriptor(Image("the configuration", "lost"), "application/vnd.oci.image.manifest.v1+json")}}""");
        Later();

        var collected = Store.Collect(dryRun: false, Ct);

        collected.Manifests.ShouldBe(2);
        collected.Links.ShouldBe(2);
        foreach (var stays in new[] { child, index, about })
            Store.FindManifest(Name("app"), ManifestReference.Of(stays)).ShouldNotBeNull();
        foreach (var gone in new[] { lost, aboutLost })
            Store.FindManifest(Name("app"), ManifestReference.Of(gone)).ShouldBeNull();
        Read("app", DigestOf("the configuration")).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_pushed_while_garbage_is_collected_arrives_whole()
    {
        // Every blob is old the moment it is there, so that only the gate protects it.
        Options = Options with { CollectionGrace = TimeSpan.FromHours(-1) };
        Reopen();
        using var stop = new CancellationTokenSource();
        var collections = 0;
        var collecting = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Store.Collect(dryRun: false, CancellationToken.None);
                    Interlocked.Increment(ref collections);
                }
            },
            Ct);
        try
        {
            for (var i = 0; i < 60 || Volatile.Read(ref collections) < 3; i++)
                await PushUntilWholeAsync($"app{i % 4}", $"v{i}", $"layer {i % 7}");
        }
        finally
        {
            await stop.CancelAsync();
            await collecting;
        }

        Store.Collect(dryRun: false, Ct);
        foreach (var name in Enumerable.Range(0, 4).Select(i => Name($"app{i}")))
        {
            foreach (var tag in Store.ListTags(name, 1000, null).Names)
            {
                var found = Store.FindManifest(name, Reference(tag)).ShouldNotBeNull();
                using var manifest = Store.OpenManifest(found).ShouldNotBeNull();
                var text = Text(manifest);
                foreach (var digest in text.Split('"').Where(part => part.StartsWith("sha256:", StringComparison.Ordinal)))
                    Store.OpenBlob(name, Digest(digest), forPush: false).ShouldNotBeNull($"{name}:{tag} lost {digest}").Dispose();
            }
        }
    }

    // As a client does: what was collected before the manifest could refer to it is told, and sent again.
    private async Task PushUntilWholeAsync(string name, string tag, string layer)
    {
        while (true)
        {
            try
            {
                await PushImageAsync(name, tag, layer: layer);
                return;
            }
            catch (RegistryRefusalException unknown) when (unknown.Code == RefusalCode.ManifestBlobUnknown)
            {
                Ct.ThrowIfCancellationRequested();
            }
        }
    }

    private static ContentDigest Digest(string text) => ContentDigest.TryParse(text, out var digest) ? digest : throw new ArgumentException(text);

    private void Later() => Time.Now += Options.CollectionGrace + TimeSpan.FromSeconds(1);
}
