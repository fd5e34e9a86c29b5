"""What happens to cases and debtors beside the calls: payments, wishes, promises, changes, erasure?"""
