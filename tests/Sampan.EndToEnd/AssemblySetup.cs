using Sampan.EndToEnd.Harness;

// One engine for all tests that do not need their own; two cores and one kernel: one test at a time.
[assembly: AssemblyFixture(typeof(SharedEngine))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]
