# pre-commit builds akscan from this checkout, without its lock file, and runs what .pre-commit-hooks.yaml names.

pre_commit
passes pre-commit validate-manifest "$root/.pre-commit-hooks.yaml"
# What was built here before is not built again, and nobody waits for a fast program.
export CARGO_TARGET_DIR=$target
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

repository try
remote try
commit clean.txt clean
git push -q origin main

about "akscan: staged, and all files"
key 80 >leak.yaml
git add leak.yaml
stops pre-commit try-repo "$root" akscan
says "$(id_of 80)" leak.yaml:1
git commit -q -m leak
stops pre-commit try-repo "$root" akscan --all-files
says "$(id_of 80)" "everything in the index"

about "akscan-push: a range with a merge"
git checkout -q -b side HEAD~1
commit side.txt side
git checkout -q main
git merge -q --no-edit side
stops pre-commit try-repo "$root" akscan-push --hook-stage pre-push \
    --from-ref origin/main --to-ref HEAD --local-branch refs/heads/main --remote-branch refs/heads/main \
    --remote-name origin --remote-url "$work/try.git"
says "$(id_of 80)" leak.yaml:1
unset "${!CARGO_PROFILE_RELEASE_@}" CARGO_TARGET_DIR
